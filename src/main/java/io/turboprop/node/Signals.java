package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The signals that users send to the gates of executions ({@code flyteidl.service.SignalService}).
 */
public interface Signals {

  /**
   * Reads a signal. A signal that was not sent yet can be sent from now on; its arrival is then
   * notified to the gate, across restarts. The call may be repeated.
   *
   * @param type a serialized {@code flyteidl.core.LiteralType}; counts only the first time
   * @return completes with a serialized {@code flyteidl.core.Literal}, or is empty if the gate has
   *     to wait
   */
  CompletionStage<Optional<ByteString>> getOrAwait(
      AcceptedExecution execution, NodePath gate, String signalId, ByteString type);
}
