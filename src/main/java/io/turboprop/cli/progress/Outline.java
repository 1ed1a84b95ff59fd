package io.turboprop.cli.progress;

import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Workflow.BranchNode;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The nodes of one graph of a workflow in their order, without start and end, and their names. */
final class Outline {
  private static final String START = "start-node";
  private static final String END = "end-node";

  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<Identifier, CompiledWorkflow> workflows;
  private final boolean allWillRun;

  private Outline(
      List<Node> nodes, Map<Identifier, CompiledWorkflow> workflows, boolean allWillRun) {
    this.workflows = workflows;
    this.allWillRun = allWillRun;
    nodes.stream()
        .filter(node -> !isStartOrEnd(node.getId()))
        .forEach(node -> this.nodes.put(node.getId(), node));
  }

  /** The outermost graph of a workflow. */
  static Outline of(CompiledWorkflowClosure closure) {
    var workflows =
        closure.getSubWorkflowsList().stream()
            .collect(
                Collectors.toMap(
                    workflow -> workflow.getTemplate().getId(), Function.identity(), (a, _) -> a));
    return new Outline(closure.getPrimary().getTemplate().getNodesList(), workflows, true);
  }

  static boolean isStartOrEnd(String nodeId) {
    return nodeId.endsWith(START) || nodeId.endsWith(END);
  }

  /** The ids of nodes that will run if all goes well; empty for the arms of a branch. */
  List<String> expected() {
    return allWillRun ? List.copyOf(nodes.keySet()) : List.of();
  }

  /** The name that the author gave the node; its id if the graph does not have the node. */
  String name(String nodeId) {
    var node = nodes.get(nodeId);
    if (node == null) {
      return nodeId;
    }
    var name = node.getMetadata().getName();
    return name.isEmpty() ? nodeId : name;
  }

  /** The graph inside a node; empty if it has none, or if its task makes the graph at run time. */
  Outline inside(String nodeId) {
    var node = nodes.getOrDefault(nodeId, Node.getDefaultInstance());
    return switch (node.getTargetCase()) {
      case WORKFLOW_NODE ->
          Optional.ofNullable(workflows.get(node.getWorkflowNode().getSubWorkflowRef()))
              .map(inner -> graph(inner.getTemplate().getNodesList(), true))
              .orElseGet(() -> graph(List.of(), false));
      case BRANCH_NODE -> graph(arms(node.getBranchNode()), false);
      case ARRAY_NODE -> graph(List.of(node.getArrayNode().getNode()), false);
      case TASK_NODE, GATE_NODE, TARGET_NOT_SET -> graph(List.of(), false);
    };
  }

  private Outline graph(List<Node> inner, boolean allWillRun) {
    return new Outline(inner, workflows, allWillRun);
  }

  private static List<Node> arms(BranchNode branch) {
    var ifElse = branch.getIfElse();
    return Stream.of(
            Stream.of(ifElse.getCase().getThenNode()),
            ifElse.getOtherList().stream().map(IfBlock::getThenNode),
            Stream.of(ifElse.getElseNode()))
        .flatMap(Function.identity())
        .toList();
  }
}
