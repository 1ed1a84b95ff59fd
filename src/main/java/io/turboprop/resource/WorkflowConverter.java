package io.turboprop.resource;

import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowMetadata.OnFailurePolicy;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Converts a workflow in a resource to a compiled workflow: puts the arms back into their branches.
 */
final class WorkflowConverter {

  /** The tasks and sub-workflows that nodes refer to, by the keys of the resource. */
  record Scope(Map<String, Identifier> tasks, Map<String, Identifier> subWorkflows) {}

  private final WorkflowSpec spec;
  private final String place;
  private final Problems problems;
  private final Arms arms;
  private final NodeConverter nodes;

  /**
   * @param place the path of the workflow in the resource, for messages
   */
  WorkflowConverter(WorkflowSpec spec, String place, Scope scope, Problems problems) {
    this.spec = spec;
    this.place = place;
    this.problems = problems;
    this.arms = Arms.of(spec, place, problems);
    this.nodes = new NodeConverter(spec.nodes(), place + ".nodes", scope, problems);
  }

  CompiledWorkflow convert(Identifier id, boolean interruptible) {
    var template = WorkflowTemplate.newBuilder().setId(id).addAllOutputs(spec.outputBindings());
    template.getMetadataBuilder().setOnFailure(policy());
    template.getMetadataDefaultsBuilder().setInterruptible(interruptible);
    template
        .getInterfaceBuilder()
        .setInputs(VariableMap.getDefaultInstance())
        .setOutputs(spec.outputs().orElse(VariableMap.getDefaultInstance()));
    var topLevel = topLevel();
    template.addAllNodes(topLevel.values());
    spec.onFailure().ifPresent(node -> template.setFailureNode(failureNode(node)));
    return CompiledWorkflow.newBuilder()
        .setTemplate(template)
        .setConnections(
            EdgesConverter.convert(
                spec, topLevel.keySet(), arms.branches().keySet(), place, problems))
        .build();
  }

  private Node failureNode(NodeSpec node) {
    if (node.id().isEmpty() || spec.nodes().containsKey(node.id())) {
      problems.add(place + ".onFailure.id", "'%s' is not its own".formatted(node.id()));
    }
    return nodes.node(node, place + ".onFailure");
  }

  /** The sub-workflows that the workflow's nodes refer to, by their keys. */
  Set<String> subWorkflowKeys() {
    return nodes.subWorkflowKeys();
  }

  /** The nodes that are not arms, by id; includes an end node even if the resource has none. */
  private Map<String, Node> topLevel() {
    var topLevel = new TreeMap<String, Node>();
    spec.nodes()
        .forEach((id, node) -> {
          if (!arms.branches().containsKey(id)) {
            topLevel.put(id, nodes.node(id));
          }
        });
    if (!topLevel.containsKey(NodeConverter.START)) {
      problems.add(place + ".nodes", "there is no " + NodeConverter.START);
    }
    topLevel.compute(
        NodeConverter.END,
        (id, end) -> {
          var node = end == null ? Node.newBuilder().setId(id) : end.toBuilder();
          return node.getInputsCount() == 0
              ? node.addAllInputs(spec.outputBindings()).build()
              : end;
        });
    return topLevel;
  }

  private OnFailurePolicy policy() {
    if (spec.onFailurePolicy().isEmpty()) {
      return OnFailurePolicy.FAIL_IMMEDIATELY;
    }
    return Arrays.stream(OnFailurePolicy.values())
        .filter(policy -> policy.name().equals(spec.onFailurePolicy()))
        .findFirst()
        .orElseGet(() -> {
          problems.add(
              place + ".onFailurePolicy", "'%s' is no policy".formatted(spec.onFailurePolicy()));
          return OnFailurePolicy.FAIL_IMMEDIATELY;
        });
  }
}
