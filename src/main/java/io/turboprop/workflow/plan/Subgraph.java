package io.turboprop.workflow.plan;

/** The graph that a node has opened. */
public sealed interface Subgraph {

  /** The graph of a sub-workflow, which the plan contains. */
  record SubWorkflow() implements Subgraph {}

  /**
   * The arms of a branch.
   *
   * @param arm the id of the arm that runs; the others are skipped
   */
  record BranchArm(String arm) implements Subgraph {}

  /**
   * One node for each element of a list.
   *
   * @param size the number of elements, at least 0
   */
  record ArrayElements(int size) implements Subgraph {}

  /** The graph of a dynamic node: a plan that its task has made at run time. */
  record Dynamic(String planDigest) implements Subgraph {}
}
