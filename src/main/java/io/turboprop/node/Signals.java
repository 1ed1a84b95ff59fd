package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What people and programs send to the gates of executions (admin §12). */
public interface Signals {

  /**
   * Looks whether a signal was sent. If it was not, it is one that can be sent from now on, and the
   * gate is told to look again when that happens, across restarts. May be repeated.
   *
   * @param type a serialized {@code flyteidl.core.LiteralType}; counts only the first time
   * @return completes with a serialized {@code flyteidl.core.Literal}, or with nothing if the gate
   *     has to wait
   */
  CompletionStage<Optional<ByteString>> getOrAwait(
      AcceptedExecution execution, NodePath gate, String signalId, ByteString type);
}
