package io.turboprop.compiler;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.List;
import java.util.Set;

/** The content of a set of files, in reading order. */
public record Sources(
    List<TaskTemplate> tasks, List<Workflow> workflows, List<LaunchPlan> launchPlans) {

  /** A workflow and its inline sub-workflows. */
  public record Workflow(WorkflowTemplate template, List<WorkflowTemplate> subWorkflows) {
    public Workflow {
      subWorkflows = List.copyOf(subWorkflows);
    }
  }

  public Sources {
    tasks = List.copyOf(tasks);
    workflows = List.copyOf(workflows);
    launchPlans = List.copyOf(launchPlans);
  }

  /** The source of a workflow, with the tasks and launch plans that it uses. */
  public WorkflowSource sourceOf(Workflow workflow) {
    var requirements = Requirements.of(workflow.template(), workflow.subWorkflows());
    var usedTasks = Set.copyOf(requirements.tasks());
    var usedLaunchPlans = Set.copyOf(requirements.launchPlans());
    return new WorkflowSource(
        workflow.template(),
        workflow.subWorkflows(),
        tasks.stream()
            .filter(task -> usedTasks.contains(task.getId()))
            .sorted((left, right) -> Identifiers.ORDER.compare(left.getId(), right.getId()))
            .map(task -> CompiledTask.newBuilder().setTemplate(task).build())
            .toList(),
        launchPlans.stream()
            .filter(launchPlan -> usedLaunchPlans.contains(launchPlan.getId()))
            .map(this::interfaceOf)
            .toList());
  }

  /**
   * The interface of a launch plan: derived from its workflow if the sources hold it, otherwise
   * from the launch plan itself.
   */
  private LaunchPlanInterface interfaceOf(LaunchPlan launchPlan) {
    return workflows.stream()
        .map(Workflow::template)
        .filter(template -> template.getId().equals(launchPlan.getSpec().getWorkflowId()))
        .findFirst()
        .map(template ->
            LaunchPlanInterface.derive(
                launchPlan.getId(), launchPlan.getSpec(), template.getInterface()))
        .orElseGet(() ->
            new LaunchPlanInterface(
                launchPlan.getId(),
                launchPlan.getClosure().getExpectedInputs(),
                launchPlan.getClosure().getExpectedOutputs()));
  }
}
