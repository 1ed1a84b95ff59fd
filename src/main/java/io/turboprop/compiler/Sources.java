package io.turboprop.compiler;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.HashSet;
import java.util.List;

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

  /** One of the workflows with all launch plans, and those of the tasks that it uses. */
  public WorkflowSource sourceOf(Workflow workflow) {
    var used = new HashSet<>(Requirements.of(workflow.template(), workflow.subWorkflows()).tasks());
    return new WorkflowSource(
        workflow.template(),
        workflow.subWorkflows(),
        tasks.stream()
            .filter(task -> used.contains(task.getId()))
            .sorted((left, right) -> Identifiers.ORDER.compare(left.getId(), right.getId()))
            .map(task -> CompiledTask.newBuilder().setTemplate(task).build())
            .toList(),
        launchPlans.stream().map(this::interfaceOf).toList());
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
