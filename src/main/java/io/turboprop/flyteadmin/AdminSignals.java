package io.turboprop.flyteadmin;

import com.google.protobuf.ByteString;
import flyteidl.admin.SignalOuterClass.SignalGetOrCreateRequest;
import flyteidl.core.IdentifierOuterClass.SignalIdentifier;
import flyteidl.core.Types.LiteralType;
import flyteidl.service.SignalServiceGrpc;
import flyteidl.service.SignalServiceGrpc.SignalServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.StoredMessages;
import io.turboprop.node.Signals;
import io.turboprop.store.FlyteAdminSignalTables;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals of gates as FlyteAdmin gets them: a gate that begins to wait makes its signal known
 * to FlyteAdmin, whose clients then see it and send a value. What is sent to this engine's own API
 * opens the gate, too. If FlyteAdmin can't be reached, the gate waits, and {@link SignalWatch}
 * makes its signal known later.
 */
public final class AdminSignals implements Signals {
  private static final Logger LOG = LoggerFactory.getLogger(AdminSignals.class);

  private final SignalServiceBlockingStub admin;
  private final Duration timeout;
  private final Signals own;
  private final FlyteAdminSignalTables tables;
  private final Executor blocking;

  /**
   * @param own the signals that this engine's API gets
   */
  public AdminSignals(
      Channel channel,
      Duration timeout,
      Signals own,
      FlyteAdminSignalTables tables,
      Executor blocking) {
    this.admin = SignalServiceGrpc.newBlockingStub(channel);
    this.timeout = timeout;
    this.own = own;
    this.tables = tables;
    this.blocking = blocking;
  }

  /** The gate waits here before FlyteAdmin is asked, so that a later value finds it. */
  @Override
  public CompletionStage<Optional<ByteString>> getOrAwait(
      AcceptedExecution execution, NodePath gate, String signalId, ByteString type) {
    return own.getOrAwait(execution, gate, signalId, type)
        .thenCompose(sent ->
            sent.isPresent()
                ? CompletableFuture.completedFuture(sent)
                : CompletableFuture.supplyAsync(
                    () ->
                        tables.isReported(execution.number())
                            ? askUnlessAway(execution.id(), signalId, type)
                            : Optional.<ByteString>empty(),
                    blocking));
  }

  private Optional<ByteString> askUnlessAway(
      ExecutionId execution, String signalId, ByteString type) {
    try {
      return ask(execution, signalId, type);
    } catch (UncheckedIOException e) {
      LOG.info("a gate waits, and its signal is made known later: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * The value that FlyteAdmin has for a signal, a serialized {@code flyteidl.core.Literal}; empty
   * if it has none, or does not know the execution. Blocks.
   *
   * @param type a serialized {@code flyteidl.core.LiteralType}
   * @throws UncheckedIOException when FlyteAdmin has no answer now
   * @throws IllegalStateException when FlyteAdmin refuses the signal
   */
  Optional<ByteString> ask(ExecutionId execution, String signalId, ByteString type) {
    try {
      var signal =
          admin
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              .getOrCreateSignal(
                  SignalGetOrCreateRequest.newBuilder()
                      .setId(id(execution, signalId))
                      .setType(StoredMessages.parse(LiteralType.parser(), type))
                      .build());
      return signal.hasValue() ? Optional.of(signal.getValue().toByteString()) : Optional.empty();
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case NOT_FOUND -> Optional.empty();
        case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, PERMISSION_DENIED ->
            throw new IllegalStateException(
                "FlyteAdmin refuses the signal '%s' of %s: %s"
                    .formatted(signalId, execution, e.getStatus().getDescription()),
                e);
        case OK,
            CANCELLED,
            UNKNOWN,
            DEADLINE_EXCEEDED,
            ALREADY_EXISTS,
            RESOURCE_EXHAUSTED,
            ABORTED,
            UNIMPLEMENTED,
            INTERNAL,
            UNAVAILABLE,
            DATA_LOSS,
            UNAUTHENTICATED ->
            throw new UncheckedIOException(
                new AdminUnavailableException(
                    "FlyteAdmin does not give the signal '%s' of %s now"
                        .formatted(signalId, execution),
                    e));
      };
    }
  }

  private static SignalIdentifier id(ExecutionId execution, String signalId) {
    return SignalIdentifier.newBuilder()
        .setSignalId(signalId)
        .setExecutionId(EventMessages.executionId(execution))
        .build();
  }
}
