package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import java.util.List;
import java.util.Optional;

/**
 * What others have stored for an execution and it has not yet seen, as far as the tables know. What
 * it has seen meanwhile may be among it: the state decides.
 *
 * @param abortCause why a client wants the execution to end, if one does
 * @param nodes those that wait for something that has happened: a child execution has ended, a
 *     signal was sent
 */
public record Unseen(Optional<String> abortCause, List<NodePath> nodes) {
  public static final Unseen NONE = new Unseen(Optional.empty(), List.of());
}
