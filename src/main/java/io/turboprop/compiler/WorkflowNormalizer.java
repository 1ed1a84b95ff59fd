package io.turboprop.compiler;

import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Workflow.BranchNode;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the implicit parts of a template explicit, so that all later steps only read.
 *
 * <ul>
 *   <li>{@code start-node} and {@code end-node} come first; the end node carries the output
 *       bindings. A node that repeats an id is left out; the first node with the id stays.
 *   <li>A promise without a node id means an input of the workflow, and becomes a promise of the
 *       start node.
 *   <li>Branch arms are named {@code <branch id>-<arm id>}, at every depth.
 *   <li>Upstream ids are sorted; an interface always has inputs and outputs.
 * </ul>
 */
final class WorkflowNormalizer {
  private WorkflowNormalizer() {}

  static WorkflowTemplate normalize(WorkflowTemplate template) {
    var outputs = bindings(template.getOutputsList());
    var normalized =
        template.toBuilder()
            .setInterface(explicit(template.getInterface()))
            .clearOutputs()
            .addAllOutputs(outputs)
            .clearNodes()
            .addNodes(Node.newBuilder().setId(Nodes.START))
            .addNodes(Node.newBuilder().setId(Nodes.END).addAllInputs(outputs));
    var seen = new HashSet<>(List.of(Nodes.START, Nodes.END));
    for (var node : template.getNodesList()) {
      if (seen.add(node.getId())) {
        normalized.addNodes(node(node));
      }
    }
    if (template.hasFailureNode()) {
      normalized.setFailureNode(node(template.getFailureNode()));
    }
    return normalized.build();
  }

  /** The interface with present, possibly empty, maps of inputs and outputs. */
  static TypedInterface explicit(TypedInterface typed) {
    return typed.toBuilder().setInputs(typed.getInputs()).setOutputs(typed.getOutputs()).build();
  }

  /** A node without implicit parts stays the object that it is, which large graphs need. */
  private static Node node(Node node) {
    var inputs = bindings(node.getInputsList());
    var upstream = node.getUpstreamNodeIdsList().stream().sorted().toList();
    if (!node.hasBranchNode()
        && isSame(inputs, node.getInputsList())
        && upstream.equals(node.getUpstreamNodeIdsList())) {
      return node;
    }
    var normalized =
        node.toBuilder()
            .clearInputs()
            .addAllInputs(inputs)
            .clearUpstreamNodeIds()
            .addAllUpstreamNodeIds(upstream);
    if (node.hasBranchNode()) {
      normalized.setBranchNode(branch(node.getId(), node.getBranchNode()));
    }
    return normalized.build();
  }

  @SuppressWarnings("ReferenceEquality") // a binding that is not changed is the same object
  private static boolean isSame(List<Binding> bindings, List<Binding> others) {
    return IntStream.range(0, bindings.size()).allMatch(i -> bindings.get(i) == others.get(i));
  }

  private static BranchNode branch(String branchId, BranchNode branch) {
    var normalized = branch.toBuilder();
    var ifElse = branch.getIfElse();
    if (ifElse.hasCase()) {
      normalized.getIfElseBuilder().setCase(block(branchId, ifElse.getCase()));
    }
    for (int i = 0; i < ifElse.getOtherCount(); i++) {
      normalized.getIfElseBuilder().setOther(i, block(branchId, ifElse.getOther(i)));
    }
    if (ifElse.hasElseNode()) {
      normalized.getIfElseBuilder().setElseNode(arm(branchId, ifElse.getElseNode()));
    }
    return normalized.build();
  }

  private static IfBlock block(String branchId, IfBlock block) {
    return block.hasThenNode()
        ? block.toBuilder().setThenNode(arm(branchId, block.getThenNode())).build()
        : block;
  }

  private static Node arm(String branchId, Node arm) {
    return node(arm.toBuilder().setId(branchId + "-" + arm.getId()).build());
  }

  private static List<Binding> bindings(List<Binding> bindings) {
    return bindings.stream().map(WorkflowNormalizer::binding).toList();
  }

  private static Binding binding(Binding binding) {
    var data = data(binding.getBinding());
    return binding.getBinding().equals(data)
        ? binding
        : binding.toBuilder().setBinding(data).build();
  }

  private static BindingData data(BindingData data) {
    return switch (data.getValueCase()) {
      case PROMISE -> promise(data);
      case COLLECTION -> {
        var normalized = data.toBuilder();
        normalized.getCollectionBuilder().clearBindings();
        for (var element : data.getCollection().getBindingsList()) {
          normalized.getCollectionBuilder().addBindings(data(element));
        }
        yield normalized.build();
      }
      case MAP -> {
        var normalized = data.toBuilder();
        data.getMap()
            .getBindingsMap()
            .forEach((key, value) -> normalized.getMapBuilder().putBindings(key, data(value)));
        yield normalized.build();
      }
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> data;
    };
  }

  private static BindingData promise(BindingData data) {
    if (!data.getPromise().getNodeId().isEmpty()) {
      return data;
    }
    var normalized = data.toBuilder();
    normalized.getPromiseBuilder().setNodeId(Nodes.START);
    return normalized.build();
  }
}
