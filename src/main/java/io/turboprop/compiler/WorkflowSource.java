package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.List;

/**
 * A workflow to compile, and everything that it may refer to.
 *
 * @param subWorkflows all inline sub-workflows, used or not; the closure contains all of them
 * @param tasks the compiled tasks, needed or not; the closure contains all of them
 */
public record WorkflowSource(
    WorkflowTemplate primary,
    List<WorkflowTemplate> subWorkflows,
    List<CompiledTask> tasks,
    List<LaunchPlanInterface> launchPlans) {

  public WorkflowSource {
    subWorkflows = List.copyOf(subWorkflows);
    tasks = List.copyOf(tasks);
    launchPlans = List.copyOf(launchPlans);
  }
}
