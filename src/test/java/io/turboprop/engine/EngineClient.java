package io.turboprop.engine;

import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.SignalOuterClass.SignalListRequest;
import flyteidl.admin.SignalOuterClass.SignalSetRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import flyteidl.service.DataProxyServiceGrpc;
import flyteidl.service.DataProxyServiceGrpc.DataProxyServiceBlockingStub;
import flyteidl.service.SignalServiceGrpc;
import flyteidl.service.SignalServiceGrpc.SignalServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.turboprop.cli.Engine;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A client of Flyte's gRPC API, as patient as needed with an engine that is killed now and then.
 */
final class EngineClient implements AutoCloseable {
  static final String PROJECT = "flytesnacks";
  static final String DOMAIN = "development";

  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);
  private static final int LIST_LIMIT = 1_000;
  private static final Set<Phase> FINAL =
      EnumSet.of(Phase.SUCCEEDED, Phase.FAILED, Phase.ABORTED, Phase.TIMED_OUT);

  /** Its own, so that its calls do not wait behind what another client of this process sends. */
  private final EventLoopGroup eventLoop = new NioEventLoopGroup(1);

  private final ManagedChannel channel;

  EngineClient(EngineProcess engine) {
    this(engine.port());
  }

  EngineClient(Engine engine) {
    this(engine.endpoint().getPort());
  }

  private EngineClient(int port) {
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .eventLoopGroup(eventLoop)
            .channelType(NioSocketChannel.class)
            .build();
  }

  /** Looks for the engine now, not after the pause that follows failures. */
  void reconnect() {
    channel.resetConnectBackoff();
  }

  AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  SignalServiceBlockingStub signals() {
    return SignalServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  DataProxyServiceBlockingStub dataProxy() {
    return DataProxyServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  /** Sends a value to a gate; it may not have been reached yet. */
  void signal(String name, String signalId, Literal value) {
    var request = SignalSetRequest.newBuilder().setValue(value);
    request.getIdBuilder().setSignalId(signalId).setExecutionId(id(name));
    Facts.await(
        "the gate of " + name,
        Duration.ofMinutes(3),
        () -> {
          try {
            signals().setSignal(request.build());
            return true;
          } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
              return false;
            }
            throw e;
          }
        });
  }

  static Literal bool(boolean value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setBoolean(value);
    return literal.build();
  }

  /** Looks until an execution waits for a signal. */
  void awaitGate(String name) {
    var request =
        SignalListRequest.newBuilder().setWorkflowExecutionId(id(name)).setLimit(1).build();
    Facts.await(
        "the gate of " + name,
        Duration.ofMinutes(3),
        () -> signals().listSignals(request).getSignalsCount() > 0);
  }

  static WorkflowExecutionIdentifier id(String name) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(PROJECT)
        .setDomain(DOMAIN)
        .setName(name)
        .build();
  }

  static ExecutionCreateRequest execution(String name, Identifier launchPlan, LiteralMap inputs) {
    var request =
        ExecutionCreateRequest.newBuilder()
            .setProject(PROJECT)
            .setDomain(DOMAIN)
            .setName(name)
            .setInputs(inputs);
    request.getSpecBuilder().setLaunchPlan(launchPlan);
    return request.build();
  }

  void create(String name, Identifier launchPlan, LiteralMap inputs) {
    admin().createExecution(execution(name, launchPlan, inputs));
  }

  /**
   * Asks until it is accepted: that it is there already means that an earlier request was heard.
   */
  void createSurely(String name, Identifier launchPlan, LiteralMap inputs) {
    Facts.await(
        "execution " + name + " accepted",
        Duration.ofMinutes(3),
        () -> {
          try {
            create(name, launchPlan, inputs);
            return true;
          } catch (StatusRuntimeException e) {
            return switch (e.getStatus().getCode()) {
              case ALREADY_EXISTS -> true;
              case UNAVAILABLE, DEADLINE_EXCEEDED -> false;
              default -> throw e;
            };
          }
        });
  }

  Execution get(String name) {
    return admin().getExecution(WorkflowExecutionGetRequest.newBuilder().setId(id(name)).build());
  }

  Phase phase(String name) {
    return get(name).getClosure().getPhase();
  }

  /** All executions; empty while the engine is away. */
  Optional<List<Execution>> list() {
    try {
      return Optional.of(
          admin()
              .listExecutions(
                  ResourceListRequest.newBuilder()
                      .setId(
                          NamedEntityIdentifier.newBuilder().setProject(PROJECT).setDomain(DOMAIN))
                      .setLimit(LIST_LIMIT)
                      .build())
              .getExecutionsList());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  LiteralMap outputs(String name) {
    return admin()
        .getExecutionData(WorkflowExecutionGetDataRequest.newBuilder().setId(id(name)).build())
        .getFullOutputs();
  }

  Execution awaitEnd(String name) {
    return await(name, FINAL::contains);
  }

  /** Looks until the execution is in such a phase. */
  Execution await(String name, Predicate<Phase> wanted) {
    return Facts.get(
        "the end of " + name,
        Duration.ofMinutes(3),
        () -> Optional.of(get(name)).filter(e -> wanted.test(e.getClosure().getPhase())));
  }

  static boolean isFinal(Phase phase) {
    return FINAL.contains(phase);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    eventLoop.shutdownGracefully(0, CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }
}
