package io.turboprop.flyteadmin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.Message;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.turboprop.data.ExecutionId;
import io.turboprop.event.Journal;
import io.turboprop.event.Journal.Step;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.flyteadmin.EventService.Answer;
import io.turboprop.postgres.StoreException;
import io.turboprop.setting.BackOff;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.FlyteAdminTables;
import io.turboprop.store.FlyteAdminTables.Position;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the events of one execution, one after the other, from the recorded position to the end of
 * its journal. The sender records the position after each answer, so a crash repeats at most one
 * event, and FlyteAdmin recognizes an event that it has already recorded. Blocks.
 */
final class ExecutionSender {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionSender.class);

  private static final int STEPS_PER_QUERY = 100;

  /**
   * The most nodes of the executions that the cache keeps. For other executions, the journal is
   * read from its beginning.
   */
  private static final long CACHED_NODES_MAX = 500_000;

  private final Sources sources;
  private final EventService service;
  private final EventValues values;
  private final ExecutionEvents.Context context;
  private final SendSettings settings;
  private final FailingEvents failing;
  private final EventMeters meters;

  private final Cache<Long, CachedEvents> cache =
      Caffeine.newBuilder()
          .maximumWeight(CACHED_NODES_MAX)
          .<Long, CachedEvents>weigher((_, each) -> each.events.size())
          .build();

  /**
   * The tables and the journal from which executions are read, and the table in which positions are
   * recorded.
   */
  record Sources(
      FlyteAdminTables positions,
      ExecutionTables executions,
      ExecutionPlans plans,
      Journal journal) {}

  /**
   * The settings and collaborators of sending.
   *
   * @param lease how long an execution stays leased to this sender after each recorded position
   * @param unknownMax how long after its acceptance an execution may be unknown to FlyteAdmin
   * @param failingMax how long FlyteAdmin may fail on an event while it records others
   * @param backOff the pauses after failures of one execution
   * @param abort aborts an execution for a reason, unless it has ended
   * @param ended called when FlyteAdmin has answered the last event of an execution
   */
  record SendSettings(
      Duration lease,
      Duration unknownMax,
      Duration failingMax,
      BackOff backOff,
      EventRate rate,
      Reachability reachability,
      BiConsumer<ExecutionId, String> abort,
      Consumer<ExecutionId> ended,
      Clock clock) {}

  /**
   * The events of an execution up to a step of its journal, and the position up to which they are
   * sent.
   */
  private static final class CachedEvents {
    final ExecutionEvents events;

    /** The step whose events are {@link #unsent}; the events of all earlier steps are sent. */
    long lastStep;

    /** The events of {@link #lastStep}; empty after they are sent. */
    List<FlyteEvent> unsent = List.of();

    /** The last step of which the database records that all events are sent. */
    long recordedThrough;

    /** How many events of the step after {@link #recordedThrough} are recorded as sent. */
    int recordedEvents;

    CachedEvents(ExecutionEvents events, Position position) {
      this.events = events;
      this.lastStep = position.through();
      this.recordedThrough = position.through();
      this.recordedEvents = position.events();
    }

    boolean isAt(Position position) {
      return recordedThrough == position.through() && recordedEvents == position.events();
    }

    /** How many events of {@link #lastStep} are answered. */
    int answeredEvents() {
      return lastStep == recordedThrough + 1 ? recordedEvents : 0;
    }

    void next(Step step) {
      unsent = events.next(step);
      lastStep = step.sequenceNumber();
    }

    void recorded(long throughStep, int eventsOfNext) {
      recordedThrough = throughStep;
      recordedEvents = eventsOfNext;
    }
  }

  ExecutionSender(
      Sources sources,
      EventService service,
      EventValues values,
      ExecutionEvents.Context context,
      SendSettings settings,
      EventMeters meters) {
    this.sources = sources;
    this.service = service;
    this.values = values;
    this.context = context;
    this.settings = settings;
    this.failing = new FailingEvents(settings.failingMax(), settings.clock());
    this.meters = meters;
  }

  /** The lease of the execution was lost: another sender continues with its events. */
  private static final class LeaseLostException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** FlyteAdmin does not take an event now, but may take it later. */
  private static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean affectsAll;

    UnavailableException(String message, boolean affectsAll) {
      super(message);
      this.affectsAll = affectsAll;
    }
  }

  /** FlyteAdmin takes no event of the execution any more. */
  private static final class ExecutionRefusedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Sends the events after a position until the end of the journal or a failure, and ends the
   * lease.
   */
  void send(Position position) throws InterruptedException {
    try {
      var execution = sources.executions().find(position.id());
      if (execution.isEmpty() || sendAll(execution.orElseThrow(), position)) {
        sources.positions().finish(position);
        settings.ended().accept(position.id());
      } else {
        sources.positions().release(position);
      }
    } catch (ExecutionRefusedException _) {
      sources.positions().finish(position);
    } catch (LeaseLostException _) {
      LOG.info("the lease of {} was lost; another sender continues with its events", position.id());
    } catch (UnavailableException e) {
      if (e.affectsAll) {
        settings.reachability().failed(String.valueOf(e.getMessage()));
        // FlyteAdmin may deny one project only: this execution waits, so that executions of other
        // projects get their turn.
        sources.positions().postpone(position, pause(position));
      } else {
        postpone(position, e);
      }
    } catch (StoreException e) {
      LOG.warn("the events of {} can't be sent now; the next lease retries", position.id(), e);
    } catch (IOException e) {
      postpone(position, e);
    } catch (RuntimeException e) {
      LOG.error("the events of {} can't be sent", position.id(), e);
      postpone(position, e);
    }
  }

  private void postpone(Position position, Exception reason) {
    var pause = pause(position);
    LOG.warn("the events of {} wait for {}: {}", position.id(), pause, reason.getMessage());
    sources.positions().postpone(position, pause);
  }

  private Duration pause(Position position) {
    return settings.backOff().jitteredAfter(position.failures() + 1);
  }

  /** Sends all events; returns whether FlyteAdmin has answered the last event of the execution. */
  private boolean sendAll(ExecutionRow execution, Position position)
      throws IOException,
          InterruptedException,
          LeaseLostException,
          UnavailableException,
          ExecutionRefusedException {
    var cached = cached(execution, position);
    try {
      sendUnsent(execution, position, cached);
      for (var steps = read(position.id(), cached);
          !steps.isEmpty();
          steps = read(position.id(), cached)) {
        for (var step : steps) {
          cached.next(step);
          sendUnsent(execution, position, cached);
        }
      }
      if (cached.recordedThrough < cached.lastStep) {
        record(position, cached, cached.lastStep, 0);
      }
    } catch (UnavailableException | IOException e) {
      cache.put(position.number(), cached);
      throw e;
    }
    if (cached.events.hasEnded()) {
      return true;
    }
    cache.put(position.number(), cached);
    return false;
  }

  /** Sends the events of the last step that are not answered, and records each answer. */
  private void sendUnsent(ExecutionRow execution, Position position, CachedEvents cached)
      throws IOException,
          InterruptedException,
          LeaseLostException,
          UnavailableException,
          ExecutionRefusedException {
    var step = cached.lastStep;
    var unsent = cached.unsent;
    for (int i = cached.answeredEvents(); i < unsent.size(); i++) {
      deliver(execution, unsent.get(i), step, i);
      if (i + 1 < unsent.size()) {
        record(position, cached, step - 1, i + 1);
      } else {
        record(position, cached, step, 0);
      }
    }
    cached.unsent = List.of();
  }

  private List<Step> read(ExecutionId id, CachedEvents cached) throws IOException {
    return cached.events.hasEnded()
        ? List.of()
        : sources.journal().read(id, cached.lastStep, STEPS_PER_QUERY);
  }

  private void record(Position position, CachedEvents cached, long through, int events)
      throws LeaseLostException {
    if (!sources.positions().answered(position, settings.lease(), through, events)) {
      throw new LeaseLostException();
    }
    cached.recorded(through, events);
  }

  /**
   * The events of an execution at a position. The form of later events depends on earlier ones, so
   * the journal is read from its beginning unless the cache has the events at this position.
   */
  private CachedEvents cached(ExecutionRow execution, Position position) throws IOException {
    var remembered = cache.asMap().remove(position.number());
    if (remembered != null && remembered.isAt(position)) {
      return remembered;
    }
    var accepted = execution.accepted();
    var events =
        new ExecutionEvents(accepted, sources.plans().get(accepted.planDigest()).plan(), context);
    for (long through = 0; through < position.through(); ) {
      var steps =
          sources
              .journal()
              .read(
                  position.id(),
                  through,
                  (int) Math.min(STEPS_PER_QUERY, position.through() - through));
      if (steps.isEmpty()) {
        throw new IOException("the journal has no step " + (through + 1));
      }
      steps.forEach(events::next);
      through = steps.getLast().sequenceNumber();
    }
    return new CachedEvents(events, position);
  }

  /**
   * Sends one event; if FlyteAdmin refuses its form, sends smaller forms of it. The same happens to
   * an event on which FlyteAdmin keeps failing while it records others. If FlyteAdmin fails on the
   * smaller forms, too, the sender leaves the event out: otherwise FlyteAdmin would never get the
   * events that follow.
   *
   * @param index the place of the event among the events of its step
   */
  private void deliver(ExecutionRow execution, FlyteEvent event, long step, int index)
      throws IOException, InterruptedException, UnavailableException, ExecutionRefusedException {
    var number = execution.accepted().number();
    var message = values.complete(execution, event);
    var answer = call(message);
    if (isRefusal(answer)) {
      answer = smaller(execution, event, message, answer);
    } else if (answer instanceof Answer.Unknown && linksChild(message)) {
      answer = call(withoutChild(message));
    } else if (isFailure(answer) && failing.failed(number, step, index)) {
      answer = smaller(execution, event, message, answer);
      if (isFailure(answer)) {
        answer = new Answer.Invalid(answer.toString());
      }
    }
    handle(execution, message, answer);
    failing.recorded(number);
  }

  private static boolean isRefusal(Answer answer) {
    return answer instanceof Answer.TooLarge || answer instanceof Answer.Invalid;
  }

  /** Whether FlyteAdmin has failed on the event, and may take others. */
  private static boolean isFailure(Answer answer) {
    return answer instanceof Answer.Unavailable(_, var affectsAll) && !affectsAll;
  }

  private Answer call(Message event) throws InterruptedException {
    settings.rate().take();
    var begun = System.nanoTime();
    var answer = service.send(event);
    meters.answered(event, answer, Duration.ofNanos(System.nanoTime() - begun));
    if (!(answer instanceof Answer.Unavailable)) {
      settings.reachability().answered();
    }
    return answer;
  }

  private Answer smaller(ExecutionRow execution, FlyteEvent event, Message refused, Answer refusal)
      throws IOException, InterruptedException {
    LOG.warn("an event of {} is sent without details: {}", execution.accepted().id(), refusal);
    meters.trimmed();
    var forms = new ArrayList<Message>();
    var referring = values.referring(execution, event);
    forms.add(referring);
    forms.addAll(EventTrimming.of(referring));
    var answer = refusal;
    var last = refused;
    for (var form : forms) {
      if (isRefusal(answer) || (isFailure(refusal) && isFailure(answer))) {
        answer = form.equals(last) ? answer : call(form);
        last = form;
      }
    }
    return answer;
  }

  private static boolean linksChild(Message event) {
    return event instanceof NodeExecutionEvent node && node.hasWorkflowNodeMetadata();
  }

  private static Message withoutChild(Message event) {
    return ((NodeExecutionEvent) event).toBuilder().clearWorkflowNodeMetadata().build();
  }

  private void handle(ExecutionRow execution, Message event, Answer answer)
      throws UnavailableException, ExecutionRefusedException {
    var id = execution.accepted().id();
    switch (answer) {
      case Answer.Recorded _, Answer.AlreadyRecorded _ -> {}
      case Answer.AlreadyEnded(var message) -> {
        if (event instanceof WorkflowExecutionEvent workflow && !isEnd(workflow)) {
          abort(id, "FlyteAdmin has ended the execution: " + message);
        }
      }
      case Answer.OtherCluster(var cluster) -> {
        abort(id, "FlyteAdmin has given the execution to another cluster (%s)".formatted(cluster));
        throw new ExecutionRefusedException();
      }
      case Answer.Unknown(var message) -> unknown(execution, message);
      case Answer.TooLarge(var message) -> refused(id, event, message);
      case Answer.Invalid(var message) -> refused(id, event, message);
      case Answer.PhaseConflict(var message) ->
          LOG.info("FlyteAdmin has no place for an event of {}: {}", id, message);
      case Answer.Unavailable(var message, var affectsAll) ->
          throw new UnavailableException(message, affectsAll);
    }
  }

  private static boolean isEnd(WorkflowExecutionEvent event) {
    return switch (event.getPhase()) {
      case SUCCEEDED, FAILED, ABORTED, TIMED_OUT -> true;
      case UNDEFINED, QUEUED, RUNNING, SUCCEEDING, FAILING, ABORTING, UNRECOGNIZED -> false;
    };
  }

  private void refused(ExecutionId id, Message event, String message) {
    LOG.error(
        "FlyteAdmin refuses an event of {} in every form, and its record misses it: {}; {}",
        id,
        message,
        event.getClass().getSimpleName());
  }

  /**
   * FlyteAdmin creates the resource before it stores the execution, so an execution may be unknown
   * at first.
   */
  private void unknown(ExecutionRow execution, String message)
      throws UnavailableException, ExecutionRefusedException {
    var accepted = execution.accepted();
    var since = Duration.between(accepted.acceptedAt(), settings.clock().instant());
    if (since.compareTo(settings.unknownMax()) < 0) {
      throw new UnavailableException(message, false);
    }
    abort(accepted.id(), "FlyteAdmin does not know the execution: " + message);
    throw new ExecutionRefusedException();
  }

  private void abort(ExecutionId id, String cause) {
    LOG.warn("{} is aborted, unless it has ended: {}", id, cause);
    meters.aborted();
    settings.abort().accept(id, cause);
  }
}
