package io.turboprop.workflow.plan;

/** Which graph a node has opened. */
public sealed interface Subgraph {

  /** The one that the plan has for it: a sub-workflow's. */
  record SubWorkflow() implements Subgraph {}

  /**
   * The arms of a branch.
   *
   * @param arm the id of the one that is run; the others are skipped
   */
  record BranchArm(String arm) implements Subgraph {}

  /**
   * One node for each element of a list.
   *
   * @param size how many, from 0
   */
  record ArrayElements(int size) implements Subgraph {}

  /** What the node's task has made at run time: a plan of its own. */
  record Dynamic(String planDigest) implements Subgraph {}
}
