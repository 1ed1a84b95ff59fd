package io.turboprop.journal;

import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NodePath;
import io.turboprop.journal.v1.Event;
import io.turboprop.journal.v1.GraphEnded;
import io.turboprop.journal.v1.GraphFailing;
import io.turboprop.journal.v1.GraphOpened;
import io.turboprop.journal.v1.NodeAborted;
import io.turboprop.journal.v1.NodeAwoken;
import io.turboprop.journal.v1.NodeExpired;
import io.turboprop.journal.v1.NodeFailed;
import io.turboprop.journal.v1.NodeQueued;
import io.turboprop.journal.v1.NodeRecovered;
import io.turboprop.journal.v1.NodeRequeued;
import io.turboprop.journal.v1.NodeRetrying;
import io.turboprop.journal.v1.NodeRunning;
import io.turboprop.journal.v1.NodeSkipped;
import io.turboprop.journal.v1.NodeSucceeded;
import io.turboprop.journal.v1.NodeTimedOut;
import io.turboprop.journal.v1.RetriedPermit;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import java.time.Instant;
import java.util.Optional;

/** The part of {@link WorkflowEventCodec} about nodes. */
final class NodeEventCodec {
  private NodeEventCodec() {}

  static void encode(NodeEvent event, Event.Builder stored, StoredTimes times) {
    var node = event.node().text();
    switch (event) {
      case WorkflowEvent.NodeQueued _ ->
          stored.setNodeQueued(NodeQueued.newBuilder().setNode(node));
      case WorkflowEvent.NodeSkipped _ ->
          stored.setNodeSkipped(NodeSkipped.newBuilder().setNode(node));
      case WorkflowEvent.NodeAwoken e ->
          stored.setNodeAwoken(NodeAwoken.newBuilder().setNode(node).setAttempt(e.attempt()));
      case WorkflowEvent.NodeRequeued e ->
          stored.setNodeRequeued(NodeRequeued.newBuilder().setNode(node).setAttempt(e.attempt()));
      case WorkflowEvent.NodeRunning e -> stored.setNodeRunning(encode(e, times));
      case WorkflowEvent.NodeSucceeded e -> stored.setNodeSucceeded(encode(e, times));
      case WorkflowEvent.NodeFailed e -> stored.setNodeFailed(encode(e, times));
      case WorkflowEvent.NodeRetrying e -> stored.setNodeRetrying(encode(e, times));
      case WorkflowEvent.NodeExpired e -> stored.setNodeExpired(encode(e));
      case WorkflowEvent.NodeTimedOut e ->
          stored.setNodeTimedOut(
              NodeTimedOut.newBuilder()
                  .setNode(node)
                  .setAttempt(e.attempt())
                  .setError(ValuesCodec.encode(e.error())));
      case WorkflowEvent.NodeAborted e ->
          stored.setNodeAborted(
              NodeAborted.newBuilder().setNode(node).setAttempt(e.attempt()).setCause(e.cause()));
      case WorkflowEvent.GraphOpened e -> stored.setGraphOpened(encode(e, times));
      case WorkflowEvent.GraphEnded e ->
          stored.setGraphEnded(GraphEnded.newBuilder().setNode(node).setAttempt(e.attempt()));
      case WorkflowEvent.NodeRecovered e -> stored.setNodeRecovered(encode(e, times));
      case WorkflowEvent.GraphFailing e ->
          stored.setGraphFailing(
              GraphFailing.newBuilder()
                  .setNode(node)
                  .setAttempt(e.attempt())
                  .setError(ValuesCodec.encode(e.error())));
    }
  }

  private static NodeRunning encode(WorkflowEvent.NodeRunning event, StoredTimes times) {
    var stored =
        NodeRunning.newBuilder()
            .setNode(event.node().text())
            .setAttempt(event.attempt())
            .setProgress(ValuesCodec.encode(event.progress()));
    event.sleepsUntil().map(times::encode).ifPresent(stored::setSleepsUntil);
    return stored.build();
  }

  private static GraphOpened encode(WorkflowEvent.GraphOpened event, StoredTimes times) {
    var stored =
        GraphOpened.newBuilder()
            .setNode(event.node().text())
            .setAttempt(event.attempt())
            .setInputs(ValuesCodec.encode(event.inputs()));
    if (!(event.contents() instanceof Subgraph.SubWorkflow)) {
      stored.setContents(ValuesCodec.encode(event.contents()));
    }
    if (!event.conclusion().equals(AttemptSummary.NONE)) {
      stored.setConclusion(ValuesCodec.encode(event.conclusion(), times));
    }
    return stored.build();
  }

  private static NodeRecovered encode(WorkflowEvent.NodeRecovered event, StoredTimes times) {
    return NodeRecovered.newBuilder()
        .setNode(event.node().text())
        .setAttempt(event.attempt())
        .setOutputs(ValuesCodec.encode(event.outputs()))
        .setConclusion(ValuesCodec.encode(event.conclusion(), times))
        .build();
  }

  private static NodeSucceeded encode(WorkflowEvent.NodeSucceeded event, StoredTimes times) {
    return NodeSucceeded.newBuilder()
        .setNode(event.node().text())
        .setAttempt(event.attempt())
        .setOutputs(ValuesCodec.encode(event.outputs()))
        .setConclusion(ValuesCodec.encode(event.conclusion(), times))
        .build();
  }

  private static NodeFailed encode(WorkflowEvent.NodeFailed event, StoredTimes times) {
    return NodeFailed.newBuilder()
        .setNode(event.node().text())
        .setAttempt(event.attempt())
        .setError(ValuesCodec.encode(event.error()))
        .setConclusion(ValuesCodec.encode(event.conclusion(), times))
        .build();
  }

  private static NodeRetrying encode(WorkflowEvent.NodeRetrying event, StoredTimes times) {
    return NodeRetrying.newBuilder()
        .setNode(event.node().text())
        .setAttempt(event.attempt())
        .setError(ValuesCodec.encode(event.error()))
        .setConclusion(ValuesCodec.encode(event.conclusion(), times))
        .setNotBefore(times.encode(event.notBefore()))
        .setPermit(
            switch (event.permit()) {
              case UNRECORDED -> RetriedPermit.RETRIED_PERMIT_UNRECORDED;
              case KEPT -> RetriedPermit.RETRIED_PERMIT_KEPT;
              case RELEASED -> RetriedPermit.RETRIED_PERMIT_RELEASED;
            })
        .build();
  }

  private static NodeExpired encode(WorkflowEvent.NodeExpired event) {
    return NodeExpired.newBuilder()
        .setNode(event.node().text())
        .setAttempt(event.attempt())
        .setExpiry(ValuesCodec.encode(event.expiry()))
        .setError(ValuesCodec.encode(event.error()))
        .build();
  }

  /**
   * @throws IllegalArgumentException when the event is not about a node
   */
  static NodeEvent decode(Event stored, Instant at, StoredTimes times) {
    return switch (stored.getKindCase()) {
      case NODE_QUEUED -> new WorkflowEvent.NodeQueued(path(stored.getNodeQueued().getNode()), at);
      case NODE_SKIPPED ->
          new WorkflowEvent.NodeSkipped(path(stored.getNodeSkipped().getNode()), at);
      case NODE_AWOKEN -> {
        var e = stored.getNodeAwoken();
        yield new WorkflowEvent.NodeAwoken(path(e.getNode()), e.getAttempt(), at);
      }
      case NODE_REQUEUED -> {
        var e = stored.getNodeRequeued();
        yield new WorkflowEvent.NodeRequeued(path(e.getNode()), e.getAttempt(), at);
      }
      case NODE_RUNNING -> decode(stored.getNodeRunning(), at, times);
      case NODE_SUCCEEDED -> decode(stored.getNodeSucceeded(), at, times);
      case NODE_FAILED -> decode(stored.getNodeFailed(), at, times);
      case NODE_RETRYING -> decode(stored.getNodeRetrying(), at, times);
      case NODE_EXPIRED -> decode(stored.getNodeExpired(), at);
      case NODE_TIMED_OUT -> {
        var e = stored.getNodeTimedOut();
        yield new WorkflowEvent.NodeTimedOut(
            path(e.getNode()), e.getAttempt(), ValuesCodec.decode(e.getError()), at);
      }
      case NODE_ABORTED -> {
        var e = stored.getNodeAborted();
        yield new WorkflowEvent.NodeAborted(path(e.getNode()), e.getAttempt(), e.getCause(), at);
      }
      case GRAPH_OPENED -> {
        var e = stored.getGraphOpened();
        yield new WorkflowEvent.GraphOpened(
            path(e.getNode()),
            e.getAttempt(),
            ValuesCodec.decode(e.getInputs()),
            ValuesCodec.decode(e.getContents()),
            e.hasConclusion() ? ValuesCodec.decode(e.getConclusion(), times) : AttemptSummary.NONE,
            at);
      }
      case GRAPH_ENDED -> {
        var e = stored.getGraphEnded();
        yield new WorkflowEvent.GraphEnded(path(e.getNode()), e.getAttempt(), at);
      }
      case NODE_RECOVERED -> {
        var e = stored.getNodeRecovered();
        yield new WorkflowEvent.NodeRecovered(
            path(e.getNode()),
            e.getAttempt(),
            ValuesCodec.decode(e.getOutputs()),
            ValuesCodec.decode(e.getConclusion(), times),
            at);
      }
      case GRAPH_FAILING -> {
        var e = stored.getGraphFailing();
        yield new WorkflowEvent.GraphFailing(
            path(e.getNode()), e.getAttempt(), ValuesCodec.decode(e.getError()), at);
      }
      case STARTED, SUCCEEDING, SUCCEEDED, FAILING, FAILED, ABORTING, ABORTED, KIND_NOT_SET ->
          throw new IllegalArgumentException("not about a node: " + stored.getKindCase());
    };
  }

  private static NodeEvent decode(NodeRunning e, Instant at, StoredTimes times) {
    return new WorkflowEvent.NodeRunning(
        path(e.getNode()),
        e.getAttempt(),
        ValuesCodec.decode(e.getProgress()),
        e.hasSleepsUntil() ? Optional.of(times.decode(e.getSleepsUntil())) : Optional.empty(),
        at);
  }

  private static NodeEvent decode(NodeSucceeded e, Instant at, StoredTimes times) {
    return new WorkflowEvent.NodeSucceeded(
        path(e.getNode()),
        e.getAttempt(),
        ValuesCodec.decode(e.getOutputs()),
        ValuesCodec.decode(e.getConclusion(), times),
        at);
  }

  private static NodeEvent decode(NodeFailed e, Instant at, StoredTimes times) {
    return new WorkflowEvent.NodeFailed(
        path(e.getNode()),
        e.getAttempt(),
        ValuesCodec.decode(e.getError()),
        ValuesCodec.decode(e.getConclusion(), times),
        at);
  }

  private static NodeEvent decode(NodeRetrying e, Instant at, StoredTimes times) {
    return new WorkflowEvent.NodeRetrying(
        path(e.getNode()),
        e.getAttempt(),
        ValuesCodec.decode(e.getError()),
        ValuesCodec.decode(e.getConclusion(), times),
        times.decode(e.getNotBefore()),
        decode(e.getPermit()),
        at);
  }

  private static WorkflowEvent.Permit decode(RetriedPermit stored) {
    return switch (stored) {
      case RETRIED_PERMIT_UNRECORDED -> WorkflowEvent.Permit.UNRECORDED;
      case RETRIED_PERMIT_KEPT -> WorkflowEvent.Permit.KEPT;
      case RETRIED_PERMIT_RELEASED -> WorkflowEvent.Permit.RELEASED;
      case UNRECOGNIZED ->
          throw new NewerFormatException(NewerFormatException.Stored.EVENT, "a use of permits");
    };
  }

  private static NodeEvent decode(NodeExpired e, Instant at) {
    return new WorkflowEvent.NodeExpired(
        path(e.getNode()),
        e.getAttempt(),
        ValuesCodec.decode(e.getExpiry()),
        ValuesCodec.decode(e.getError()),
        at);
  }

  private static NodePath path(String text) {
    return new NodePath(text);
  }
}
