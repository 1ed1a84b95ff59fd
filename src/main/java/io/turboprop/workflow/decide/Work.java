package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;

/**
 * Something that should be under way because the state says so. Compared by value and keyed by
 * attempt, so that doing it twice is harmless.
 */
public sealed interface Work {

  /** Something a worker does for one attempt of one node. */
  sealed interface NodeWork extends Work {
    NodePath node();

    int attempt();
  }

  /** Run this attempt, or go on with it. */
  record RunNode(NodePath node, int attempt) implements NodeWork {}

  /** Stop this attempt and report {@code Aborted}. */
  record AbortNode(NodePath node, int attempt, String cause) implements NodeWork {}
}
