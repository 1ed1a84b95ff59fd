package io.turboprop.journal;

import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NewerFormatException.Stored;
import io.turboprop.journal.v1.AlarmKind;
import io.turboprop.journal.v1.DoneState;
import io.turboprop.journal.v1.NotStartedState;
import io.turboprop.journal.v1.RunningState;
import io.turboprop.journal.v1.State;
import io.turboprop.journal.v1.StateHeader;
import io.turboprop.journal.v1.StoredAlarm;
import io.turboprop.journal.v1.SucceedingState;
import io.turboprop.workflow.decide.IndexedState;
import io.turboprop.workflow.decide.Indexes;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Header;
import io.turboprop.workflow.state.WorkflowState.Outcome;
import java.util.Optional;

/**
 * Maps the state of an execution to a snapshot and back. The snapshot refers to the plan by its
 * digest, so that reading needs the {@link Plans}.
 */
public final class WorkflowStateCodec {
  /** The format that this version writes; {@code state.proto} explains each format. */
  private static final int FORMAT = 1;

  private WorkflowStateCodec() {}

  public static State encode(WorkflowState state) {
    return switch (state) {
      case WorkflowState.NotStarted _ ->
          State.newBuilder()
              .setFormat(FORMAT)
              .setNotStarted(NotStartedState.getDefaultInstance())
              .build();
      case WorkflowState.Running(var header, var tree) ->
          with(header).setRunning(encode(state, tree, header)).build();
      case WorkflowState.Succeeding(var header, var outputs) ->
          with(header)
              .setSucceeding(SucceedingState.newBuilder().setOutputs(ValuesCodec.encode(outputs)))
              .build();
      case WorkflowState.Done(var header, var outcome) ->
          with(header).setDone(encode(outcome)).build();
    };
  }

  /**
   * @param plans hold the plan of the execution
   * @throws NewerFormatException when the snapshot holds something that this version does not know
   */
  public static WorkflowState decode(State stored, Plans plans) {
    if (stored.getFormat() > FORMAT) {
      throw new NewerFormatException(Stored.SNAPSHOT, "format " + stored.getFormat());
    }
    return switch (stored.getPhaseCase()) {
      case NOT_STARTED -> new WorkflowState.NotStarted(plans);
      case RUNNING -> {
        var header = header(stored, plans);
        yield new WorkflowState.Running(
            header, decode(stored.getRunning(), header, new StoredTimes(stored.getAt())));
      }
      case SUCCEEDING ->
          new WorkflowState.Succeeding(
              header(stored, plans), ValuesCodec.decode(stored.getSucceeding().getOutputs()));
      case DONE -> new WorkflowState.Done(header(stored, plans), decode(stored.getDone()));
      case PHASE_NOT_SET ->
          throw new NewerFormatException(Stored.SNAPSHOT, "a phase of an execution");
    };
  }

  private static State.Builder with(Header header) {
    return State.newBuilder()
        .setFormat(FORMAT)
        .setAt(StoredTimes.from(header.startedAt()).base())
        .setHeader(
            StateHeader.newBuilder()
                .setPlanDigest(header.plan().digest())
                .setInputs(ValuesCodec.encode(header.inputs()))
                .setSettings(ValuesCodec.encode(header.settings())));
  }

  private static Header header(State stored, Plans plans) {
    var header = stored.getHeader();
    return new Header(
        plans.plan(header.getPlanDigest()),
        plans,
        ValuesCodec.decode(header.getInputs()),
        ValuesCodec.decode(header.getSettings()),
        new StoredTimes(stored.getAt()).decode(0));
  }

  private static DoneState encode(Outcome outcome) {
    var stored = DoneState.newBuilder();
    switch (outcome) {
      case Outcome.Succeeded(var outputs) -> stored.setSucceeded(ValuesCodec.encode(outputs));
      case Outcome.Failed(var error) -> stored.setFailed(ValuesCodec.encode(error));
      case Outcome.Aborted(var cause) -> stored.setAborted(cause);
    }
    return stored.build();
  }

  private static Outcome decode(DoneState stored) {
    return switch (stored.getOutcomeCase()) {
      case SUCCEEDED -> new Outcome.Succeeded(ValuesCodec.decode(stored.getSucceeded()));
      case FAILED -> new Outcome.Failed(ValuesCodec.decode(stored.getFailed()));
      case ABORTED -> new Outcome.Aborted(stored.getAborted());
      case OUTCOME_NOT_SET -> throw new NewerFormatException(Stored.SNAPSHOT, "an outcome");
    };
  }

  private static RunningState encode(WorkflowState state, NodeTree tree, Header header) {
    var times = StoredTimes.from(header.startedAt());
    var indexes = IndexedState.of(state).indexes();
    var stored =
        RunningState.newBuilder()
            .setRoot(
                new GraphStateCodec(header.plans(), times)
                    .encode(tree.root(), Optional.empty(), 0, indexes));
    stored.setNodesOpened(tree.nodesOpened()).setErrors(tree.errors());
    addIndexes(indexes, stored, times);
    return stored.build();
  }

  /** Adds the indexes, which only readers of format 0 use. */
  private static void addIndexes(Indexes indexes, RunningState.Builder stored, StoredTimes times) {
    stored.setRunning(indexes.permits());
    indexes.ready().forEach(path -> stored.addReady(path.text()));
    indexes.alarms().forEach(alarm -> stored.addAlarms(encode(alarm, times)));
    indexes.graphsToComplete().forEach(path -> stored.addGraphsToComplete(path.text()));
    indexes.arraysWithCapacity().forEach(path -> stored.addArraysWithCapacity(path.text()));
  }

  private static NodeTree decode(RunningState stored, Header header, StoredTimes times) {
    var root =
        new GraphStateCodec(header.plans(), times)
            .decode(stored.getRoot(), header.plan().root(), new Subgraph.SubWorkflow());
    return new NodeTree(root, stored.getNodesOpened(), stored.getErrors());
  }

  private static StoredAlarm encode(Alarm alarm, StoredTimes times) {
    return StoredAlarm.newBuilder()
        .setAt(times.encode(alarm.at()))
        .setNode(alarm.node().text())
        .setKind(
            switch (alarm.kind()) {
              case TIMEOUT -> AlarmKind.ALARM_KIND_EXECUTION_DEADLINE;
              case AWAKE -> AlarmKind.ALARM_KIND_AWAKE;
              case RETRY -> AlarmKind.ALARM_KIND_RETRY;
            })
        .build();
  }
}
