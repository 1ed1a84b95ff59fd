package io.turboprop.journal;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NewerFormatException.Stored;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.journal.v1.ActiveNode;
import io.turboprop.journal.v1.EndedNode;
import io.turboprop.journal.v1.ExpiredGraph;
import io.turboprop.journal.v1.ExpiringNode;
import io.turboprop.journal.v1.PausedNode;
import io.turboprop.journal.v1.ReadyNode;
import io.turboprop.journal.v1.RequeuedNode;
import io.turboprop.journal.v1.StoredGraph;
import io.turboprop.journal.v1.StoredNode;
import io.turboprop.journal.v1.StoredNodePhase;
import io.turboprop.journal.v1.WaitingNode;
import io.turboprop.workflow.decide.Indexes;
import io.turboprop.workflow.decide.rule.Readiness;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graphs;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.PlannedGraph;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Pending;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.vavr.collection.Vector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The part of {@link WorkflowStateCodec} that encodes one graph and its nodes. The snapshot leaves
 * out nodes without events. The numbers of unfinished and open nodes are not stored; decoding
 * counts them.
 */
final class GraphStateCodec {
  private final Plans plans;
  private final StoredTimes times;

  GraphStateCodec(Plans plans, StoredTimes times) {
    this.plans = plans;
    this.times = times;
  }

  /**
   * @param container the node around the graph; empty for the execution's root graph
   * @param attempt the attempt that opened the graph
   * @param indexes the numbers of upstreams for which pending nodes wait; only readers of format 0
   *     need them
   */
  StoredGraph encode(GraphState state, Optional<NodePath> container, int attempt, Indexes indexes) {
    var stored = StoredGraph.newBuilder().setBegun(state.begun());
    if (!(state.contents() instanceof Subgraph.SubWorkflow)) {
      stored.setContents(ValuesCodec.encode(state.contents()));
    }
    if (state.graph().find(PlanNode.START).isEmpty()) {
      stored.setInputs(ValuesCodec.encode(state.inputs()));
    }
    int number = 0;
    for (var node : state.nodes()) {
      if (node instanceof Pending) {
        encodePending(state.graph(), number, container, indexes).ifPresent(stored::addNodes);
      } else {
        var path = path(container, attempt, state.graph().node(number).id());
        stored.addNodes(encode(node(state.graph(), number), node, path, indexes));
      }
      number++;
    }
    state.failure().map(ValuesCodec::encode).ifPresent(stored::setFailure);
    state.stop().ifPresent(stop -> encode(stop, stored));
    return stored.build();
  }

  private static NodePath path(Optional<NodePath> container, int attempt, String id) {
    return container.map(around -> around.child(attempt, id)).orElseGet(() -> NodePath.root(id));
  }

  private static StoredNode.Builder node(Graph graph, int number) {
    var stored = StoredNode.newBuilder().setNumber(number);
    return switch (graph) {
      case PlannedGraph planned -> stored.setId(planned.node(number).id());
      case ElementGraph _ -> stored;
    };
  }

  /**
   * The stored form of a pending node, which only readers of format 0 use. Empty if the node waits
   * for all its upstreams: format 0 assumes this for a node that is left out.
   */
  private static Optional<StoredNode> encodePending(
      Graph graph, int number, Optional<NodePath> container, Indexes indexes) {
    if (graph instanceof ElementGraph || !indexes.readiness().containsKey(container)) {
      return Optional.empty();
    }
    var waits = indexes.readiness(container, number);
    if (waits.equals(Readiness.waitingFor(graph.upstreamCount(number))) && !waits.isReady()) {
      return Optional.empty();
    }
    var stored = node(graph, number);
    return Optional.of(
        (waits.isReady()
                ? stored.setReady(ReadyNode.newBuilder().setSkip(waits.skip()))
                : stored.setWaiting(
                    WaitingNode.newBuilder()
                        .setUpstreamsLeft(waits.upstreamsLeft())
                        .setSkip(waits.skip())))
            .build());
  }

  GraphState decode(StoredGraph stored, Graph graph, Subgraph contents) {
    var nodes = new ArrayList<NodeState>(Collections.nCopies(graph.size(), new Pending()));
    for (var node : stored.getNodesList()) {
      var number = node.getId().isEmpty() ? node.getNumber() : graph.number(node.getId());
      nodes.set(number, decode(node, graph.node(number)));
    }
    return new GraphState(
        graph,
        contents,
        inputs(stored, graph, nodes),
        Vector.ofAll(nodes),
        stored.getBegun(),
        count(graph, nodes, node -> !(node instanceof Ended)),
        count(graph, nodes, node -> node instanceof Ended ended && ended.phase().failed()),
        open(nodes),
        stored.hasFailure()
            ? Optional.of(ValuesCodec.decode(stored.getFailure()))
            : Optional.empty(),
        stop(stored));
  }

  private static Values inputs(StoredGraph stored, Graph graph, List<NodeState> nodes) {
    return graph
        .find(PlanNode.START)
        .map(nodes::get)
        .filter(Ended.class::isInstance)
        .map(start -> ((Ended) start).outputs())
        .orElseGet(() -> ValuesCodec.decode(stored.getInputs()));
  }

  /** Counts the nodes whose state meets the condition, without the failure node. */
  private static int count(Graph graph, List<NodeState> nodes, Predicate<NodeState> what) {
    var all = (int) nodes.stream().filter(what).count();
    return graph.failureNode().map(nodes::get).filter(what).isPresent() ? all - 1 : all;
  }

  private static int open(List<NodeState> nodes) {
    int open = 0;
    for (var node : nodes) {
      open +=
          switch (node) {
            case Active active -> 1 + active.inner().map(GraphState::open).orElse(0);
            case Paused _, Requeued _, Expiring _ -> 1;
            case Pending _, Ended _ -> 0;
          };
    }
    return open;
  }

  private static void encode(Stop stop, StoredGraph.Builder stored) {
    switch (stop) {
      case Stop.Failed(var error) -> stored.setFailed(ValuesCodec.encode(error));
      case Stop.Aborted(var cause) -> stored.setAborted(cause);
      case Stop.Expired(var expiry, var error) ->
          stored.setExpired(
              ExpiredGraph.newBuilder()
                  .setExpiry(ValuesCodec.encode(expiry))
                  .setError(ValuesCodec.encode(error)));
    }
  }

  private static Optional<Stop> stop(StoredGraph stored) {
    return switch (stored.getStopCase()) {
      case FAILED -> Optional.of(new Stop.Failed(ValuesCodec.decode(stored.getFailed())));
      case ABORTED -> Optional.of(new Stop.Aborted(stored.getAborted()));
      case EXPIRED ->
          Optional.of(
              new Stop.Expired(
                  ValuesCodec.decode(stored.getExpired().getExpiry()),
                  ValuesCodec.decode(stored.getExpired().getError())));
      case STOP_NOT_SET -> Optional.empty();
    };
  }

  private StoredNode encode(
      StoredNode.Builder stored, NodeState node, NodePath path, Indexes indexes) {
    switch (node) {
      case Pending _ -> stored.setWaiting(WaitingNode.getDefaultInstance());
      case Active active -> stored.setActive(encode(active, path, indexes));
      case Paused paused ->
          stored.setPaused(
              PausedNode.newBuilder()
                  .setAttempt(paused.attempt())
                  .setSystemFailures(paused.systemFailures())
                  .setQueuedAt(times.encode(paused.queuedAt()))
                  .setUntil(times.encode(paused.until()))
                  .setPermitReleased(paused.permitReleased()));
      case Requeued requeued ->
          stored.setRequeued(
              RequeuedNode.newBuilder()
                  .setAttempt(requeued.attempt())
                  .setSystemFailures(requeued.systemFailures())
                  .setQueuedAt(times.encode(requeued.queuedAt())));
      case Expiring expiring ->
          stored.setExpiring(
              ExpiringNode.newBuilder()
                  .setAttempt(expiring.attempt())
                  .setSystemFailures(expiring.systemFailures())
                  .setQueuedAt(times.encode(expiring.queuedAt()))
                  .setExpiry(ValuesCodec.encode(expiring.expiry()))
                  .setError(ValuesCodec.encode(expiring.error()))
                  .setHadSubgraph(expiring.hadSubgraph()));
      case Ended ended -> stored.setEnded(encode(ended));
    }
    return stored.build();
  }

  private ActiveNode encode(Active active, NodePath path, Indexes indexes) {
    var stored =
        ActiveNode.newBuilder()
            .setAttempt(active.attempt())
            .setSystemFailures(active.systemFailures())
            .setQueuedAt(times.encode(active.queuedAt()))
            .setProgress(ValuesCodec.encode(active.progress()))
            .setFinishing(active.finishing());
    active.startedAt().map(times::encode).ifPresent(stored::setStartedAt);
    active.sleepsUntil().map(times::encode).ifPresent(stored::setSleepsUntil);
    active
        .inner()
        .map(inner -> encode(inner, Optional.of(path), active.attempt(), indexes))
        .ifPresent(stored::setInner);
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

  private NodeState decode(StoredNode stored, PlanNode plan) {
    return switch (stored.getPhaseCase()) {
      case WAITING, READY -> new Pending();
      case ACTIVE -> decode(stored.getActive(), plan);
      case PAUSED -> {
        var paused = stored.getPaused();
        yield new Paused(
            paused.getAttempt(),
            paused.getSystemFailures(),
            times.decode(paused.getQueuedAt()),
            times.decode(paused.getUntil()),
            paused.getPermitReleased());
      }
      case REQUEUED -> {
        var requeued = stored.getRequeued();
        yield new Requeued(
            requeued.getAttempt(),
            requeued.getSystemFailures(),
            times.decode(requeued.getQueuedAt()));
      }
      case EXPIRING -> {
        var expiring = stored.getExpiring();
        yield new Expiring(
            expiring.getAttempt(),
            expiring.getSystemFailures(),
            times.decode(expiring.getQueuedAt()),
            ValuesCodec.decode(expiring.getExpiry()),
            ValuesCodec.decode(expiring.getError()),
            expiring.getHadSubgraph());
      }
      case ENDED -> decode(stored.getEnded());
      case PHASE_NOT_SET -> throw new NewerFormatException(Stored.SNAPSHOT, "a phase of a node");
    };
  }

  private Active decode(ActiveNode stored, PlanNode plan) {
    return new Active(
        stored.getAttempt(),
        stored.getSystemFailures(),
        times.decode(stored.getQueuedAt()),
        stored.hasStartedAt() ? Optional.of(times.decode(stored.getStartedAt())) : Optional.empty(),
        ValuesCodec.decode(stored.getProgress()),
        stored.hasSleepsUntil()
            ? Optional.of(times.decode(stored.getSleepsUntil()))
            : Optional.empty(),
        stored.hasInner() ? Optional.of(inside(stored.getInner(), plan)) : Optional.empty(),
        stored.getFinishing());
  }

  private GraphState inside(StoredGraph stored, PlanNode plan) {
    var contents = ValuesCodec.decode(stored.getContents());
    return decode(stored, Graphs.inside(plan, contents, plans), contents);
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
      case RECOVERED -> StoredNodePhase.NODE_PHASE_RECOVERED;
    };
  }

  private static NodePhase decode(StoredNodePhase stored) {
    return switch (stored) {
      case NODE_PHASE_SUCCEEDED -> NodePhase.SUCCEEDED;
      case NODE_PHASE_FAILED -> NodePhase.FAILED;
      case NODE_PHASE_SKIPPED -> NodePhase.SKIPPED;
      case NODE_PHASE_TIMED_OUT -> NodePhase.TIMED_OUT;
      case NODE_PHASE_ABORTED -> NodePhase.ABORTED;
      case NODE_PHASE_RECOVERED -> NodePhase.RECOVERED;
      case UNRECOGNIZED -> throw new NewerFormatException(Stored.SNAPSHOT, "an end of a node");
    };
  }
}
