package io.turboprop.cluster;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.Workflows;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.Behavior;
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
 * Finds executions that nobody works on, one in the whole cluster. Every moment it looks for those
 * whose wake-up time has come since it last looked; and now and then, at its start and when a node was
 * lost, for all that have not ended and wait for no moment to come. It pokes them page by page and
 * waits a little between two, so that a crash of many does not become a stampede. A poke too many does
 * no harm.
 */
public final class Waker extends AbstractBehavior<Waker.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(Waker.class);
  private static final Duration BETWEEN_PAGES = Duration.ofMillis(20);

  /** What was written late is found all the same if it is not later than this. */
  private static final Duration OVERLAP = Duration.ofSeconds(1);

  /** What the waker hears. */
  public sealed interface Message {}

  private record Look() implements Message {}

  private record NextPage() implements Message {}

  private record Sweep() implements Message {}

  private record Found(List<Due> page) implements Message {}

  private record Failed(Throwable cause) implements Message {}

  /** Where an execution stands among those that are due: the longest due come first. */
  public record Place(Instant wakeUp, long number) {
    static final Place FIRST = new Place(Instant.EPOCH, 0);
  }

  /** An execution that somebody has to see to. */
  public record Due(ExecutionId id, Place place) {}

  /** The rows it looks at. */
  @FunctionalInterface
  public interface Executions {
    /** Those due by some moment that come after a place, in order. Blocks. */
    List<Due> due(Instant by, Place after, int limit);
  }

  /** As the section {@code turboprop.waker}. */
  public record Settings(Duration interval, int batch, Duration sweepInterval) {}

  private final TimerScheduler<Message> timers;
  private final Settings settings;
  private final Executions executions;
  private final Workflows workflows;
  private final Executor blocking;
  private final Clock clock;
  private boolean sweepNext = true;
  private Instant by = Instant.EPOCH;
  private Place after = Place.FIRST;

  private Waker(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Settings settings,
      Executions executions,
      Workflows workflows,
      Executor blocking,
      Clock clock) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.executions = executions;
    this.workflows = workflows;
    this.blocking = blocking;
    this.clock = clock;
  }

  /**
   * @param blocking where queries are run
   */
  public static Behavior<Message> create(
      Settings settings,
      Executions executions,
      Workflows workflows,
      Executor blocking,
      Clock clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var waker =
                      new Waker(
                          context, timers, settings, executions, workflows, blocking, clock);
                  waker.begin();
                  return waker;
                }));
  }

  private void begin() {
    var removed = getContext().messageAdapter(MemberRemoved.class, _ -> new Sweep());
    Cluster.get(getContext().getSystem())
        .subscriptions()
        .tell(Subscribe.create(removed, MemberRemoved.class));
    timers.startTimerWithFixedDelay(new Sweep(), settings.sweepInterval());
    getContext().getSelf().tell(new Look());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  private Behavior<Message> onMessage(Message message) {
    switch (message) {
      case Look _ -> look();
      case NextPage _ -> page();
      case Sweep _ -> sweepNext = true;
      case Found(var page) -> found(page);
      case Failed(var cause) -> failed(cause);
    }
    return this;
  }

  private void look() {
    after = sweepNext ? Place.FIRST : new Place(by.minus(OVERLAP), 0);
    by = clock.instant();
    sweepNext = false;
    page();
  }

  private void page() {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(
                () -> executions.due(by, after, settings.batch()), blocking),
            (page, failure) -> failure == null ? new Found(page) : new Failed(failure));
  }

  private void found(List<Due> page) {
    page.forEach(due -> workflows.start(due.id()));
    if (page.size() < settings.batch()) {
      timers.startSingleTimer(new Look(), settings.interval());
    } else {
      after = page.getLast().place();
      timers.startSingleTimer(new NextPage(), BETWEEN_PAGES);
    }
  }

  private void failed(Throwable cause) {
    LOG.warn("looking for executions that are due failed; again soon: {}", cause.toString());
    sweepNext = true;
    timers.startSingleTimer(new Look(), settings.interval());
  }
}
