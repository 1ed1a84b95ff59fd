package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;

/**
 * Work that should be under way according to the state. It is compared by value and keyed by
 * attempt, so that doing it twice is harmless.
 */
public sealed interface Work {

  /** Work that a worker does for one attempt of one node. */
  sealed interface NodeWork extends Work {
    NodePath node();

    int attempt();
  }

  /** Run this attempt, or continue it. */
  record RunNode(NodePath node, int attempt) implements NodeWork {}

  /** Stop this attempt and report {@code Aborted}. */
  record AbortNode(NodePath node, int attempt, String cause) implements NodeWork {}
}
