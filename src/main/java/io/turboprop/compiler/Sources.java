package io.turboprop.compiler;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.List;
import java.util.Set;

/** What a set of files holds, in the order read. */
public record Sources(
    List<TaskTemplate> tasks, List<Workflow> workflows, List<LaunchPlan> launchPlans) {

  /** A workflow and the inline workflows that came with it. */
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

  /** One of the workflows with those of the tasks and launch plans that it uses. */
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
   * The interface of a launch plan: derived from its workflow where that is among the sources,
   * otherwise what the launch plan itself says.
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
