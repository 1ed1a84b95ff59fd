package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.List;

/**
 * One workflow to compile, and everything it may refer to.
 *
 * @param subWorkflows all inline workflows, whoever uses them; all of them go into the closure
 * @param tasks compiled tasks; more than needed does no harm, all of them go into the closure
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
