package io.turboprop.compiler;

import flyteidl.core.Workflow.BranchNode;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The reserved node ids, and helpers to visit the arms of branch nodes. */
final class Nodes {
  static final String START = "start-node";
  static final String END = "end-node";
  static final Set<String> RESERVED = Set.of(START, END);

  private Nodes() {}

  /** The cases with a condition, in their order: {@code if}, then each {@code else if}. */
  static List<IfBlock> blocks(BranchNode branch) {
    var ifElse = branch.getIfElse();
    return Stream.concat(
            ifElse.hasCase() ? Stream.of(ifElse.getCase()) : Stream.of(),
            ifElse.getOtherList().stream())
        .toList();
  }

  /** The existing arms, in their order, {@code else} last. */
  static List<Node> arms(BranchNode branch) {
    var then = blocks(branch).stream().filter(IfBlock::hasThenNode).map(IfBlock::getThenNode);
    var ifElse = branch.getIfElse();
    return Stream.concat(then, ifElse.hasElseNode() ? Stream.of(ifElse.getElseNode()) : Stream.of())
        .toList();
  }
}
