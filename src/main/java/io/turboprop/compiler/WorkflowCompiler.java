package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Types.LiteralType.TypeCase;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.Node.TargetCase;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * Compiles a workflow: normalises it and its sub-workflows, connects their nodes, and checks that
 * every value fits its input.
 *
 * <p>The closure equals that of Flyte 1.16, message for message. This compiler refuses some
 * workflows that Flyte accepts although they must fail later: unknown upstream ids, and two nodes
 * with the same id. Recursive sub-workflows, on which Flyte's compiler never ends, are an error
 * too.
 */
public final class WorkflowCompiler {
  private final CompilerErrors errors = new CompilerErrors();
  private final Library library;

  private WorkflowCompiler(WorkflowSource source) {
    this.library = Library.of(source, errors);
  }

  /**
   * Compiles a workflow with everything that it refers to.
   *
   * <p>Returns all errors together, except that missing definitions are reported before any other
   * check. The same source always gives an equal result.
   */
  public static CompilerResult compile(WorkflowSource source) {
    return new WorkflowCompiler(source).closure(source);
  }

  private CompilerResult closure(WorkflowSource source) {
    var requirements = Requirements.of(source.primary(), source.subWorkflows());
    library.check(requirements, errors);
    if (!errors.isEmpty()) {
      return new CompilerResult.Rejected(errors.toList());
    }
    var used = new HashSet<>(requirements.subWorkflows());
    var closure = CompiledWorkflowClosure.newBuilder().setPrimary(workflow(source.primary()));
    for (var subWorkflow : library.subWorkflows()) {
      closure.addSubWorkflows(
          used.contains(subWorkflow.getId()) ? workflow(subWorkflow) : asGiven(subWorkflow));
    }
    library.tasks().forEach(closure::addTasks);
    return errors.isEmpty()
        ? new CompilerResult.Compiled(closure.build())
        : new CompilerResult.Rejected(errors.toList());
  }

  /** An unused sub-workflow stays in the closure, but is not checked, as in Flyte. */
  private static CompiledWorkflow asGiven(WorkflowTemplate template) {
    return CompiledWorkflow.newBuilder().setTemplate(template).build();
  }

  private CompiledWorkflow workflow(WorkflowTemplate template) {
    header(template);
    var scope = WorkflowScope.of(WorkflowNormalizer.normalize(template), library);
    var validator = new NodeValidator(scope, errors);
    for (var node : scope.template().getNodesList()) {
      if (!node.getId().equals(Nodes.START)) {
        validator.validate(node);
      }
    }
    if (scope.template().hasFailureNode()) {
      validator.validate(scope.template().getFailureNode());
    }
    var connections = Connections.of(scope);
    GraphValidator.validate(connections::downstreamOf, scope.nodes().keySet())
        .ifPresent(error -> errors.addAll(List.of(error)));
    return CompiledWorkflow.newBuilder()
        .setTemplate(scope.template())
        .setConnections(connections.toMessage())
        .build();
  }

  private void header(WorkflowTemplate template) {
    if (!template.hasId()) {
      errors.add(ErrorCode.VALUE_REQUIRED, Nodes.START, "a workflow has no id");
    }
    if (template.getNodesCount() == 0) {
      errors.add(
          ErrorCode.NO_NODES_FOUND,
          Nodes.START,
          "workflow [" + Identifiers.text(template.getId()) + "] has no nodes");
    }
    ids(template);
    variables("input", template.getInterface().getInputs());
    variables("output", template.getInterface().getOutputs());
  }

  /**
   * Checks the ids before the normalisation, which keeps only the first of two nodes with the same
   * id. A template that was compiled before has nodes with the reserved ids, without a target.
   */
  private void ids(WorkflowTemplate template) {
    var seen = new HashMap<String, Node>();
    for (var node : template.getNodesList()) {
      var other = seen.putIfAbsent(node.getId(), node);
      if (Nodes.RESERVED.contains(node.getId())
          && node.getTargetCase() != TargetCase.TARGET_NOT_SET) {
        reserved(node);
      } else if (other != null && !other.equals(node)) {
        errors.add(ErrorCode.VALUE_COLLISION, node.getId(), "two nodes have this id");
      }
    }
  }

  private void reserved(Node node) {
    errors.add(
        ErrorCode.VALUE_COLLISION,
        node.getId(),
        "the id is reserved for the node that Flyte adds to every workflow");
  }

  private void variables(String kind, VariableMap variables) {
    for (var name : variables.getVariablesMap().keySet().stream().sorted().toList()) {
      if (name.isEmpty()) {
        errors.add(ErrorCode.VALUE_REQUIRED, Nodes.START, "an " + kind + " has no name");
      }
      var type = variables.getVariablesOrThrow(name).getType();
      if (type.getTypeCase() == TypeCase.TYPE_NOT_SET) {
        errors.add(ErrorCode.VALUE_REQUIRED, Nodes.START, kind + " [" + name + "] has no type");
      }
    }
  }
}
