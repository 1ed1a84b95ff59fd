package io.turboprop.journal;

import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NewerFormatException.Stored;
import io.turboprop.journal.v1.Aborted;
import io.turboprop.journal.v1.Aborting;
import io.turboprop.journal.v1.Event;
import io.turboprop.journal.v1.Failed;
import io.turboprop.journal.v1.Failing;
import io.turboprop.journal.v1.Started;
import io.turboprop.journal.v1.Step;
import io.turboprop.journal.v1.Succeeded;
import io.turboprop.journal.v1.Succeeding;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.util.ArrayList;

/**
 * Maps steps to rows of the journal and back. It reads every earlier version. It refuses a step of
 * a newer version and never skips it.
 */
public final class WorkflowEventCodec {
  private WorkflowEventCodec() {}

  public static Step encode(WorkflowStep step) {
    var times = StoredTimes.from(step.events().getFirst().at());
    var stored = Step.newBuilder().setAt(times.base());
    for (var event : step.events()) {
      stored.addEvents(encode(event, times));
    }
    return stored.build();
  }

  /**
   * @throws NewerFormatException when the step holds something that this version does not know
   */
  public static WorkflowStep decode(Step stored) {
    var times = new StoredTimes(stored.getAt());
    var events = new ArrayList<WorkflowEvent>(stored.getEventsCount());
    for (var event : stored.getEventsList()) {
      events.add(decode(event, times));
    }
    return new WorkflowStep(events);
  }

  private static Event encode(WorkflowEvent event, StoredTimes times) {
    var stored = Event.newBuilder().setAt(times.encode(event.at()));
    switch (event) {
      case WorkflowEvent.Started started -> stored.setStarted(encode(started));
      case WorkflowEvent.Succeeding _ -> stored.setSucceeding(Succeeding.getDefaultInstance());
      case WorkflowEvent.Succeeded(var outputs, _) ->
          stored.setSucceeded(Succeeded.newBuilder().setOutputs(ValuesCodec.encode(outputs)));
      case WorkflowEvent.Failing(var error, _) ->
          stored.setFailing(Failing.newBuilder().setError(ValuesCodec.encode(error)));
      case WorkflowEvent.Failed(var error, _) ->
          stored.setFailed(Failed.newBuilder().setError(ValuesCodec.encode(error)));
      case WorkflowEvent.Aborting(var cause, _) ->
          stored.setAborting(Aborting.newBuilder().setCause(cause));
      case WorkflowEvent.Aborted(var cause, _) ->
          stored.setAborted(Aborted.newBuilder().setCause(cause));
      case WorkflowEvent.NodeEvent node -> NodeEventCodec.encode(node, stored, times);
    }
    return stored.build();
  }

  private static Started encode(WorkflowEvent.Started event) {
    return Started.newBuilder()
        .setPlanDigest(event.planDigest())
        .setInputs(ValuesCodec.encode(event.inputs()))
        .setSettings(ValuesCodec.encode(event.settings()))
        .build();
  }

  private static WorkflowEvent decode(Event stored, StoredTimes times) {
    var at = times.decode(stored.getAt());
    return switch (stored.getKindCase()) {
      case STARTED -> {
        var started = stored.getStarted();
        yield new WorkflowEvent.Started(
            started.getPlanDigest(),
            ValuesCodec.decode(started.getInputs()),
            ValuesCodec.decode(started.getSettings()),
            at);
      }
      case SUCCEEDING -> new WorkflowEvent.Succeeding(at);
      case SUCCEEDED ->
          new WorkflowEvent.Succeeded(ValuesCodec.decode(stored.getSucceeded().getOutputs()), at);
      case FAILING ->
          new WorkflowEvent.Failing(ValuesCodec.decode(stored.getFailing().getError()), at);
      case FAILED ->
          new WorkflowEvent.Failed(ValuesCodec.decode(stored.getFailed().getError()), at);
      case ABORTING -> new WorkflowEvent.Aborting(stored.getAborting().getCause(), at);
      case ABORTED -> new WorkflowEvent.Aborted(stored.getAborted().getCause(), at);
      case NODE_QUEUED,
          NODE_RUNNING,
          NODE_SUCCEEDED,
          NODE_FAILED,
          NODE_SKIPPED,
          GRAPH_OPENED,
          GRAPH_ENDED,
          NODE_RECOVERED,
          NODE_RETRYING,
          NODE_REQUEUED,
          NODE_AWOKEN,
          NODE_ABORTED,
          NODE_EXPIRED,
          NODE_TIMED_OUT,
          GRAPH_FAILING ->
          NodeEventCodec.decode(stored, at, times);
      case KIND_NOT_SET -> throw new NewerFormatException(Stored.EVENT, "a kind of event");
    };
  }
}
