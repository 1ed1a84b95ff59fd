package io.turboprop.cluster;

import com.typesafe.config.Config;
import io.turboprop.data.ExecutionId;
import io.turboprop.setting.Section;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Activates executions that should be in memory; the whole cluster has one waker. It finds
 * executions whose wake-up time has come and executions whose first message was lost. A sweep finds
 * all executions that have not ended and do not sleep. It runs at the start, after the loss of a
 * node of the cluster, after shards have moved, and every {@code turboprop.waker.sweep-interval}.
 * The waker activates executions in batches with a pause between two batches, so that after a crash
 * they are not all loaded at once. Activating an active execution changes nothing.
 *
 * <p>A failed query is repeated. After any other failure the waker restarts with back-off: without
 * a waker, no execution that sleeps would go on.
 */
public final class Waker extends AbstractBehavior<Waker.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(Waker.class);
  private static final Duration BETWEEN_BATCHES = Duration.ofMillis(20);

  /**
   * After this time all nodes know that a node was lost. The messages that they sent to it before
   * were lost too, so the waker sweeps once more.
   */
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(2);

  private static final String SETTLED = "settled";
  private static final Duration RESTART_MIN = Duration.ofMillis(200);
  private static final Duration RESTART_MAX = Duration.ofSeconds(10);
  private static final double RESTART_JITTER = 0.2;

  /** The messages of the waker. */
  public sealed interface Message {}

  /** The cluster has lost a node, and with it the entities in its memory. */
  record NodeLost() implements Message {}

  /** Shards have moved to other nodes, and messages to them may have been lost. */
  record ShardsMoved() implements Message {}

  private record Scan() implements Message {}

  private record Unparked(int count) implements Message {}

  private record UnparkFailed(Throwable cause) implements Message {}

  private record RepeatUnpark() implements Message {}

  /**
   * @param afresh whether to sweep again from the beginning after a sweep that is under way,
   *     because executions that the sweep has already passed may have lost their node in the
   *     meantime
   */
  private record StartSweep(boolean afresh) implements Message {}

  private record Found(List<ExecutionId> executions) implements Message {}

  private record Swept(List<Row> rows) implements Message {}

  private record Failed(Throwable cause, boolean sweeping) implements Message {}

  private record ContinueSweep() implements Message {}

  /** An execution that has not ended; rows are read in the order of {@code number}. */
  public record Row(long number, ExecutionId id) {}

  /** The stored executions that the waker queries; calls block. */
  public interface Executions {
    /**
     * Takes up to {@code limit} due executions and postpones them, so that no other waker takes
     * them soon.
     */
    List<ExecutionId> takeDue(int limit);

    /** Makes all parked executions due; returns their number. */
    int unparkAll();

    /** Counts the parked executions. */
    int parked();

    /**
     * Executions that have not ended and have no wake-up time, in ascending order of their numbers.
     */
    List<Row> active(long afterNumber, int limit);
  }

  /**
   * The section {@code turboprop.waker}.
   *
   * @param settledAfter after which time all nodes know that a node was lost
   */
  public record Settings(
      Duration interval, int batch, Duration sweepInterval, Duration settledAfter) {

    /**
     * Reads the section {@code waker} of the section {@code turboprop}.
     *
     * @throws com.typesafe.config.ConfigException when a value is out of bounds; the message names
     *     the setting
     */
    public static Settings from(Config turboprop) {
      var waker = Section.of(turboprop, "waker");
      return new Settings(
          waker.pause("interval"),
          waker.number("batch", 1),
          waker.pause("sweep-interval"),
          SETTLED_AFTER);
    }
  }

  private final TimerScheduler<Message> timers;
  private final Settings settings;
  private final Executions executions;
  private final Workflows workflows;
  private final Executor blocking;
  private boolean sweeping;
  private boolean sweepAgain;
  private long swept;

  private Waker(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Settings settings,
      Executions executions,
      Workflows workflows,
      Executor blocking) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.executions = executions;
    this.workflows = workflows;
    this.blocking = blocking;
  }

  /**
   * @param blocking runs the queries
   */
  public static Behavior<Message> create(
      Settings settings, Executions executions, Workflows workflows, Executor blocking) {
    var waker =
        Behaviors.<Message>setup(context ->
            Behaviors.withTimers(timers -> {
              var begun = new Waker(context, timers, settings, executions, workflows, blocking);
              begun.begin();
              return begun;
            }));
    return Behaviors.supervise(waker)
        .onFailure(SupervisorStrategy.restartWithBackoff(RESTART_MIN, RESTART_MAX, RESTART_JITTER));
  }

  private void begin() {
    var removed = getContext().messageAdapter(MemberRemoved.class, _ -> new NodeLost());
    Cluster.get(getContext().getSystem())
        .subscriptions()
        .tell(Subscribe.create(removed, MemberRemoved.class));
    getContext()
        .getSystem()
        .eventStream()
        .tell(new EventStream.Subscribe<>(ShardsMoved.class, getContext().getSelf().narrow()));
    timers.startTimerWithFixedDelay(new StartSweep(false), settings.sweepInterval());
    getContext().getSelf().tell(new StartSweep(false));
    sweepWhenSettled();
    unpark();
  }

  /**
   * Makes parked executions due at the start: this may be another version than the one that parked
   * them, or the configuration may have been corrected.
   */
  private void unpark() {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(executions::unparkAll, blocking),
            (count, failure) -> failure == null ? new Unparked(count) : new UnparkFailed(failure));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  private Behavior<Message> onMessage(Message message) {
    switch (message) {
      case Scan _ -> ask(() -> new Found(executions.takeDue(settings.batch())), false);
      case Found(var found) -> {
        found.forEach(workflows::start);
        timers.startSingleTimer(
            new Scan(), found.size() < settings.batch() ? settings.interval() : BETWEEN_BATCHES);
      }
      case Unparked(var count) -> {
        if (count > 0) {
          LOG.info("{} parked executions are retried", count);
        }
        getContext().getSelf().tell(new Scan());
      }
      case UnparkFailed(var cause) -> {
        LOG.warn(
            "the query for parked executions failed; the waker retries in {}: {}",
            settings.interval(),
            cause.toString());
        timers.startSingleTimer(new RepeatUnpark(), settings.interval());
      }
      case RepeatUnpark _ -> unpark();
      case NodeLost _ -> {
        sweep(true);
        sweepWhenSettled();
      }
      case ShardsMoved _ -> sweep(true);
      case StartSweep(var afresh) -> sweep(afresh);
      case ContinueSweep _ -> continueSweep();
      case Swept(var rows) -> onSwept(rows);
      case Failed(var cause, var whileSweeping) -> onFailed(cause, whileSweeping);
    }
    return this;
  }

  /** Also at the start: the previous waker may have been on the node that was lost. */
  private void sweepWhenSettled() {
    timers.startSingleTimer(SETTLED, new StartSweep(true), settings.settledAfter());
  }

  private void sweep(boolean afresh) {
    if (sweeping) {
      sweepAgain |= afresh;
    } else {
      startSweep();
    }
  }

  private void startSweep() {
    sweeping = true;
    sweepAgain = false;
    swept = 0;
    continueSweep();
  }

  private void endSweep() {
    sweeping = false;
    if (sweepAgain) {
      startSweep();
    }
  }

  private void continueSweep() {
    // The query runs on another thread, which must not read the actor's field.
    var after = swept;
    ask(
        () -> {
          if (after == 0) {
            // refreshes the gauge of parked executions, see MeteredExecutions
            var _ = executions.parked();
          }
          return new Swept(executions.active(after, settings.batch()));
        },
        true);
  }

  private void onSwept(List<Row> rows) {
    rows.forEach(row -> workflows.start(row.id()));
    if (rows.size() < settings.batch()) {
      endSweep();
    } else {
      swept = rows.getLast().number();
      timers.startSingleTimer(new ContinueSweep(), BETWEEN_BATCHES);
    }
  }

  private void onFailed(Throwable cause, boolean whileSweeping) {
    if (whileSweeping) {
      LOG.warn(
          "the sweep for running executions failed; the waker retries in {}: {}",
          settings.interval(),
          cause.toString());
      timers.startSingleTimer(new ContinueSweep(), settings.interval());
    } else {
      LOG.warn(
          "the query for due executions failed; the waker retries in {}: {}",
          settings.interval(),
          cause.toString());
      timers.startSingleTimer(new Scan(), settings.interval());
    }
  }

  private void ask(Supplier<Message> query, boolean whileSweeping) {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(query, blocking),
            (answer, failure) -> failure == null ? answer : new Failed(failure, whileSweeping));
  }
}
