package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.store.journal.v1.ActiveNode;
import io.turboprop.store.journal.v1.EndedNode;
import io.turboprop.store.journal.v1.ExpiringNode;
import io.turboprop.store.journal.v1.PausedNode;
import io.turboprop.store.journal.v1.ReadyNode;
import io.turboprop.store.journal.v1.StoredGraph;
import io.turboprop.store.journal.v1.StoredNode;
import io.turboprop.store.journal.v1.StoredNodePhase;
import io.turboprop.store.journal.v1.WaitingNode;
import io.turboprop.workflow.Graph;
import io.turboprop.workflow.GraphState;
import io.turboprop.workflow.GraphState.Stop;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.NodeState;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.NodeState.Ended;
import io.turboprop.workflow.NodeState.Expiring;
import io.turboprop.workflow.NodeState.NodePhase;
import io.turboprop.workflow.NodeState.Paused;
import io.turboprop.workflow.NodeState.Ready;
import io.turboprop.workflow.NodeState.Waiting;
import io.turboprop.workflow.PlanNode;
import io.vavr.collection.Vector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The part of {@link WorkflowStateCodec} about one graph and its nodes. A node of which nothing has
 * happened is left out; how many are unfinished or open is counted again.
 */
final class GraphStateCodec {
  private GraphStateCodec() {}

  static StoredGraph encode(GraphState state, StoredTimes times) {
    var stored = StoredGraph.newBuilder();
    int number = 0;
    for (var node : state.nodes()) {
      if (!node.equals(untouched(state.graph(), number))) {
        stored.addNodes(encode(number, node, times));
      }
      number++;
    }
    state.failure().map(ValuesCodec::encode).ifPresent(stored::setFailure);
    state.stop().ifPresent(stop -> encode(stop, stored));
    return stored.build();
  }

  static GraphState decode(StoredGraph stored, Graph graph, StoredTimes times) {
    var nodes = new ArrayList<NodeState>(graph.size());
    for (int number = 0; number < graph.size(); number++) {
      nodes.add(untouched(graph, number));
    }
    for (var node : stored.getNodesList()) {
      nodes.set(node.getNumber(), decode(node, graph.node(node.getNumber()), times));
    }
    return new GraphState(
        graph,
        Vector.ofAll(nodes),
        (int) nodes.stream().filter(node -> !(node instanceof Ended)).count(),
        open(nodes),
        stored.hasFailure()
            ? Optional.of(ValuesCodec.decode(stored.getFailure()))
            : Optional.empty(),
        stop(stored));
  }

  private static NodeState untouched(Graph graph, int number) {
    return new Waiting(graph.upstreamCount(number), false);
  }

  private static int open(List<NodeState> nodes) {
    int open = 0;
    for (var node : nodes) {
      open +=
          switch (node) {
            case Active active -> active.inner().map(GraphState::open).orElse(1);
            case Paused _, Expiring _ -> 1;
            case Waiting _, Ready _, Ended _ -> 0;
          };
    }
    return open;
  }

  private static void encode(Stop stop, StoredGraph.Builder stored) {
    switch (stop) {
      case Stop.Failed(var error) -> stored.setFailed(ValuesCodec.encode(error));
      case Stop.Aborted(var cause) -> stored.setAborted(cause);
    }
  }

  private static Optional<Stop> stop(StoredGraph stored) {
    return switch (stored.getStopCase()) {
      case FAILED -> Optional.of(new Stop.Failed(ValuesCodec.decode(stored.getFailed())));
      case ABORTED -> Optional.of(new Stop.Aborted(stored.getAborted()));
      case STOP_NOT_SET -> Optional.empty();
    };
  }

  private static StoredNode encode(int number, NodeState node, StoredTimes times) {
    var stored = StoredNode.newBuilder().setNumber(number);
    switch (node) {
      case Waiting(var upstreamsLeft, var skip) ->
          stored.setWaiting(WaitingNode.newBuilder().setUpstreamsLeft(upstreamsLeft).setSkip(skip));
      case Ready(var skip) -> stored.setReady(ReadyNode.newBuilder().setSkip(skip));
      case Active active -> stored.setActive(encode(active, times));
      case Paused paused ->
          stored.setPaused(
              PausedNode.newBuilder()
                  .setAttempt(paused.attempt())
                  .setSystemFailures(paused.systemFailures())
                  .setQueuedAt(times.encode(paused.queuedAt()))
                  .setUntil(times.encode(paused.until())));
      case Expiring expiring ->
          stored.setExpiring(
              ExpiringNode.newBuilder()
                  .setAttempt(expiring.attempt())
                  .setSystemFailures(expiring.systemFailures())
                  .setQueuedAt(times.encode(expiring.queuedAt()))
                  .setExpiry(ValuesCodec.encode(expiring.expiry()))
                  .setError(ValuesCodec.encode(expiring.error())));
      case Ended ended -> stored.setEnded(encode(ended));
    }
    return stored.build();
  }

  private static ActiveNode encode(Active active, StoredTimes times) {
    var stored =
        ActiveNode.newBuilder()
            .setAttempt(active.attempt())
            .setSystemFailures(active.systemFailures())
            .setQueuedAt(times.encode(active.queuedAt()))
            .setProgress(ValuesCodec.encode(active.progress()));
    active.startedAt().map(times::encode).ifPresent(stored::setStartedAt);
    active.sleepsUntil().map(times::encode).ifPresent(stored::setSleepsUntil);
    active.inner().ifPresent(inner -> stored.setInner(encode(inner, times)));
    return stored.build();
  }

  private static EndedNode encode(Ended ended) {
    var stored =
        EndedNode.newBuilder()
            .setPhase(encode(ended.phase()))
            .setAttempt(ended.attempt())
            .setOutputs(ValuesCodec.encode(ended.outputs()));
    ended.error().map(ValuesCodec::encode).ifPresent(stored::setError);
    return stored.build();
  }

  private static NodeState decode(StoredNode stored, PlanNode plan, StoredTimes times) {
    return switch (stored.getPhaseCase()) {
      case WAITING ->
          new Waiting(stored.getWaiting().getUpstreamsLeft(), stored.getWaiting().getSkip());
      case READY -> new Ready(stored.getReady().getSkip());
      case ACTIVE -> decode(stored.getActive(), plan, times);
      case PAUSED -> {
        var paused = stored.getPaused();
        yield new Paused(
            paused.getAttempt(),
            paused.getSystemFailures(),
            times.decode(paused.getQueuedAt()),
            times.decode(paused.getUntil()));
      }
      case EXPIRING -> {
        var expiring = stored.getExpiring();
        yield new Expiring(
            expiring.getAttempt(),
            expiring.getSystemFailures(),
            times.decode(expiring.getQueuedAt()),
            ValuesCodec.decode(expiring.getExpiry()),
            ValuesCodec.decode(expiring.getError()));
      }
      case ENDED -> decode(stored.getEnded());
      case PHASE_NOT_SET ->
          throw new IllegalArgumentException("a node phase that this version does not know");
    };
  }

  private static Active decode(ActiveNode stored, PlanNode plan, StoredTimes times) {
    return new Active(
        stored.getAttempt(),
        stored.getSystemFailures(),
        times.decode(stored.getQueuedAt()),
        stored.hasStartedAt() ? Optional.of(times.decode(stored.getStartedAt())) : Optional.empty(),
        ValuesCodec.decode(stored.getProgress()),
        stored.hasSleepsUntil()
            ? Optional.of(times.decode(stored.getSleepsUntil()))
            : Optional.empty(),
        stored.hasInner()
            ? Optional.of(decode(stored.getInner(), inside(plan), times))
            : Optional.empty());
  }

  /** The graph that a node opens. */
  private static Graph inside(PlanNode plan) {
    return switch (plan.kind()) {
      case NodeKind.SubWorkflow(_, var graph) -> graph;
      case NodeKind.Start _, NodeKind.End _, NodeKind.Task _, NodeKind.Unsupported _ ->
          throw new IllegalArgumentException("a graph inside " + plan.id() + ", which has none");
    };
  }

  private static Ended decode(EndedNode stored) {
    Optional<ExecutionError> error =
        stored.hasError() ? Optional.of(ValuesCodec.decode(stored.getError())) : Optional.empty();
    return new Ended(
        decode(stored.getPhase()),
        stored.getAttempt(),
        ValuesCodec.decode(stored.getOutputs()),
        error);
  }

  private static StoredNodePhase encode(NodePhase phase) {
    return switch (phase) {
      case SUCCEEDED -> StoredNodePhase.NODE_PHASE_SUCCEEDED;
      case FAILED -> StoredNodePhase.NODE_PHASE_FAILED;
      case SKIPPED -> StoredNodePhase.NODE_PHASE_SKIPPED;
      case TIMED_OUT -> StoredNodePhase.NODE_PHASE_TIMED_OUT;
      case ABORTED -> StoredNodePhase.NODE_PHASE_ABORTED;
    };
  }

  private static NodePhase decode(StoredNodePhase stored) {
    return switch (stored) {
      case NODE_PHASE_SUCCEEDED -> NodePhase.SUCCEEDED;
      case NODE_PHASE_FAILED -> NodePhase.FAILED;
      case NODE_PHASE_SKIPPED -> NodePhase.SKIPPED;
      case NODE_PHASE_TIMED_OUT -> NodePhase.TIMED_OUT;
      case NODE_PHASE_ABORTED -> NodePhase.ABORTED;
      case UNRECOGNIZED -> throw new IllegalArgumentException("an unknown node phase");
    };
  }
}
