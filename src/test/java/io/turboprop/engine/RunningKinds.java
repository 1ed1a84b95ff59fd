package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.turboprop.engine.EchoKinds.Kind;
import io.turboprop.engine.EchoKinds.Place;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One execution of each kind of node, for tests that end the engine while all of them are under
 * way.
 *
 * @param run the names of the executions begin with it
 */
record RunningKinds(EngineClient client, String run, List<Kind> kinds) {
  private static final Duration BEGUN_WITHIN = Duration.ofMinutes(3);

  private static final Set<NodeExecution.Phase> BEGUN =
      EnumSet.of(NodeExecution.Phase.RUNNING, NodeExecution.Phase.SUCCEEDED);

  /** Creates the executions. */
  RunningKinds start() {
    kinds.forEach(kind -> client.create(run + kind.name(), kind.launchPlan(), kind.inputs()));
    return this;
  }

  /**
   * Waits until this node of each execution has begun.
   *
   * @throws AssertionError when an execution has ended by then: its sleeps are too short for this
   *     machine, and the test would prove nothing
   */
  void awaitBegun(Function<Kind, Place> node) {
    kinds.forEach(kind -> awaitBegun(kind, node.apply(kind)));
    for (var kind : kinds) {
      var phase = client.phase(run + kind.name());
      assertThat(EngineClient.isFinal(phase)).as("%s is %s", kind.name(), phase).isFalse();
    }
  }

  /** Sends the signal that the gate waits for, and waits for the end of each execution. */
  void awaitEnd() {
    client.signal(run + "signal", "value", EchoWorkflows.integer(5));
    kinds.forEach(kind -> client.awaitEnd(run + kind.name()));
  }

  private void awaitBegun(Kind kind, Place place) {
    var node =
        NodeExecutionIdentifier.newBuilder()
            .setExecutionId(EngineClient.id(run + kind.name() + place.execution()))
            .setNodeId(place.node())
            .build();
    Facts.await("%s of %s begun".formatted(place, kind.name()), BEGUN_WITHIN, () -> hasBegun(node));
  }

  private boolean hasBegun(NodeExecutionIdentifier node) {
    try {
      var request = NodeExecutionGetRequest.newBuilder().setId(node).build();
      return BEGUN.contains(client.admin().getNodeExecution(request).getClosure().getPhase());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
