package io.turboprop.compiler;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.Optional;
import java.util.stream.Collectors;

/** The interface of the task, launch plan or sub-workflow that a node runs. */
final class TargetInterfaces {
  private final WorkflowScope scope;
  private final CompilerErrors errors;

  TargetInterfaces(WorkflowScope scope, CompilerErrors errors) {
    this.scope = scope;
    this.errors = errors;
  }

  /**
   * The interface of a task or workflow node's target; empty, with an error, if the target is
   * missing.
   */
  Optional<TypedInterface> of(Node node) {
    if (node.hasTaskNode()) {
      return task(node);
    }
    var target = node.getWorkflowNode();
    return switch (target.getReferenceCase()) {
      case LAUNCHPLAN_REF -> launchPlan(node, target.getLaunchplanRef());
      case SUB_WORKFLOW_REF -> subWorkflow(node, target.getSubWorkflowRef());
      case REFERENCE_NOT_SET -> {
        errors.add(
            ErrorCode.WORKFLOW_REFERENCE_NOT_FOUND,
            node.getId(),
            "a workflow node needs a launch plan or a sub-workflow");
        yield Optional.empty();
      }
    };
  }

  private Optional<TypedInterface> task(Node node) {
    if (!node.getTaskNode().hasReferenceId()) {
      errors.add(ErrorCode.VALUE_REQUIRED, node.getId(), "the node lacks the id of its task");
      return Optional.empty();
    }
    var id = node.getTaskNode().getReferenceId();
    var found = scope.library().taskInterface(id);
    if (found.isEmpty()) {
      notGiven(ErrorCode.TASK_REFERENCE_NOT_FOUND, node, "task", id);
    }
    return found;
  }

  /**
   * A reference with the id of the workflow that is being compiled means that workflow's interface.
   */
  private Optional<TypedInterface> launchPlan(Node node, Identifier id) {
    if (id.equals(scope.template().getId())) {
      return Optional.of(scope.typedInterface());
    }
    var found = scope.library().launchPlan(id);
    if (found.isEmpty()) {
      notGiven(ErrorCode.WORKFLOW_REFERENCE_NOT_FOUND, node, "launch plan", id);
    }
    return found.map(launchPlan -> boundInterface(node, launchPlan));
  }

  /** All required inputs, and the bound ones of the optional inputs. */
  private static TypedInterface boundInterface(Node node, LaunchPlanInterface launchPlan) {
    var bound = node.getInputsList().stream().map(Binding::getVar).collect(Collectors.toSet());
    var inputs = VariableMap.newBuilder();
    launchPlan
        .expectedInputs()
        .getParametersMap()
        .forEach((name, parameter) -> {
          if (parameter.getRequired() || bound.contains(name)) {
            inputs.putVariables(name, parameter.getVar());
          }
        });
    return TypedInterface.newBuilder()
        .setInputs(inputs)
        .setOutputs(launchPlan.expectedOutputs())
        .build();
  }

  private Optional<TypedInterface> subWorkflow(Node node, Identifier id) {
    var found = scope.library().subWorkflow(id);
    if (found.isEmpty()) {
      notGiven(ErrorCode.WORKFLOW_REFERENCE_NOT_FOUND, node, "sub-workflow", id);
      return Optional.empty();
    }
    if (!found.get().hasInterface()) {
      errors.add(
          ErrorCode.VALUE_REQUIRED,
          node.getId(),
          "sub-workflow [" + Identifiers.text(id) + "] has no interface");
      return Optional.empty();
    }
    return found.map(WorkflowTemplate::getInterface);
  }

  private void notGiven(ErrorCode code, Node node, String what, Identifier id) {
    errors.add(
        code, node.getId(), what + " [" + Identifiers.text(id) + "] is not among those given");
  }
}
