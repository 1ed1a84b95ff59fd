package io.turboprop.workflow;

/** Which graph a node has opened. */
public sealed interface Contents {

  /** The one that the plan has for it: a sub-workflow's. */
  record Planned() implements Contents {}

  /**
   * The arms of a branch.
   *
   * @param arm the id of the one that is run; the others are skipped
   */
  record Taken(String arm) implements Contents {}

  /**
   * One node for each element of a list.
   *
   * @param size how many, from 0
   */
  record Elements(int size) implements Contents {}

  /** What the node's task has made at run time: a plan of its own. */
  record Expanded(String planDigest) implements Contents {}
}
