package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import java.util.List;
import java.util.Optional;

/**
 * The requests and events that are stored for an execution and that it has not seen yet, according
 * to the tables. It may have seen some of them meanwhile; the state decides.
 *
 * @param abortCause the cause of a client's request to abort; empty if there is none
 * @param nodes the nodes whose awaited event has happened: a child execution has ended, a signal
 *     was sent
 */
public record Unseen(Optional<String> abortCause, List<NodePath> nodes) {
  public static final Unseen NONE = new Unseen(Optional.empty(), List.of());
}
