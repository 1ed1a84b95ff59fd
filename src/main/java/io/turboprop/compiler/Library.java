package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tasks, launch plans and sub-workflows that the nodes of a closure may refer to, by
 * identifier, in the given order.
 */
final class Library {
  private final Map<Identifier, CompiledTask> tasks = new LinkedHashMap<>();
  private final Map<Identifier, LaunchPlanInterface> launchPlans = new LinkedHashMap<>();
  private final Map<Identifier, WorkflowTemplate> subWorkflows = new LinkedHashMap<>();

  /** Indexes a source; a repeated task counts once, a repeated sub-workflow is an error. */
  static Library of(WorkflowSource source, CompilerErrors errors) {
    var library = new Library();
    for (var task : source.tasks()) {
      if (task.getTemplate().hasId()) {
        library.tasks.putIfAbsent(task.getTemplate().getId(), task);
      } else {
        errors.add(ErrorCode.VALUE_REQUIRED, Nodes.START, "a task has no id");
      }
    }
    for (var launchPlan : source.launchPlans()) {
      library.launchPlans.putIfAbsent(launchPlan.id(), launchPlan);
    }
    for (var subWorkflow : source.subWorkflows()) {
      if (library.subWorkflows.putIfAbsent(subWorkflow.getId(), subWorkflow) != null) {
        errors.add(
            ErrorCode.DUPLICATE_ID,
            Nodes.START,
            "sub-workflow [" + Identifiers.text(subWorkflow.getId()) + "] is given twice");
      }
    }
    return library;
  }

  /** Reports each requirement that is missing. */
  void check(Requirements requirements, CompilerErrors errors) {
    errors.addAll(requirements.errors());
    for (var id : requirements.tasks()) {
      if (!tasks.containsKey(id)) {
        errors.add(ErrorCode.TASK_REFERENCE_NOT_FOUND, Nodes.START, notGiven("task", id));
      }
    }
    for (var id : requirements.launchPlans()) {
      if (!launchPlans.containsKey(id)) {
        errors.add(
            ErrorCode.WORKFLOW_REFERENCE_NOT_FOUND, Nodes.START, notGiven("launch plan", id));
      }
    }
  }

  private static String notGiven(String what, Identifier id) {
    return what + " [" + Identifiers.text(id) + "] is not among those given";
  }

  Optional<TypedInterface> taskInterface(Identifier id) {
    return Optional.ofNullable(tasks.get(id)).map(task -> task.getTemplate().getInterface());
  }

  Optional<LaunchPlanInterface> launchPlan(Identifier id) {
    return Optional.ofNullable(launchPlans.get(id));
  }

  Optional<WorkflowTemplate> subWorkflow(Identifier id) {
    return Optional.ofNullable(subWorkflows.get(id));
  }

  Iterable<CompiledTask> tasks() {
    return tasks.values();
  }

  Iterable<WorkflowTemplate> subWorkflows() {
    return subWorkflows.values();
  }
}
