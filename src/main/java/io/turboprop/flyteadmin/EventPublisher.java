package io.turboprop.flyteadmin;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.event.ExecutionWatch;
import io.turboprop.event.Journal;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.NodeInputs;
import io.turboprop.metric.Meters;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.FlyteAdminTables;
import io.turboprop.store.FlyteAdminTables.Position;
import io.turboprop.store.NodeExecutionTables;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the events of executions to FlyteAdmin, at least once and in order. The publisher reads the
 * steps from the journal, after the table publisher has published them. A row of each execution
 * says how far its events are sent ({@link FlyteAdminTables}), so neither a crash nor an outage of
 * FlyteAdmin loses an event, unless retention deletes the execution before its events are sent. An
 * outage holds up no execution.
 *
 * <p>Every node of a cluster has such a publisher. The table publisher notifies the publisher of
 * its own node of each step; a periodic sweep finds the events that other nodes have not sent.
 */
public final class EventPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);

  /** How long the publisher collects changes before it reads positions. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /**
   * The most changed executions that the publisher remembers; beyond this, it finds them by a
   * sweep.
   */
  private static final int CHANGED_MAX = 10_000;

  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

  private final FlyteAdminTables positions;
  private final FlyteAdminChannel channel;
  private final FlyteAdminSettings.Events settings;
  private final ExecutionSender sender;
  private final Reachability reachability;
  private final EventMeters meters;
  private final Clock clock;
  private final Semaphore senderSlots;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Set<Long> changed = new HashSet<>();
  private boolean sweeps = true;
  private boolean closed;
  private long sweptAtNanos = System.nanoTime();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /**
   * The collaborators of the publisher.
   *
   * @param abort aborts an execution for a reason, unless it has ended
   * @param ended called when FlyteAdmin has answered the last event of an execution
   */
  public record Environment(
      FlyteAdminTables positions,
      ExecutionTables executions,
      NodeExecutionTables nodes,
      ExecutionPlans plans,
      Journal journal,
      BlobStorage storage,
      BiConsumer<ExecutionId, String> abort,
      Consumer<ExecutionId> ended,
      Meters meters,
      Clock clock) {}

  private EventPublisher(
      Environment environment, FlyteAdminSettings settings, FlyteAdminChannel channel) {
    this.positions = environment.positions();
    this.channel = channel;
    this.settings = settings.events();
    this.clock = environment.clock();
    this.meters = new EventMeters(environment.meters());
    var backOff = this.settings.backOff();
    this.reachability = new Reachability(backOff);
    this.senderSlots = new Semaphore(this.settings.parallelism());
    this.sender =
        new ExecutionSender(
            new ExecutionSender.Sources(
                positions, environment.executions(), environment.plans(), environment.journal()),
            new EventService(channel.channel(), settings.connection().callTimeout()),
            values(environment, settings),
            context(environment, settings),
            new ExecutionSender.SendSettings(
                this.settings.lease(),
                this.settings.unknownMax(),
                this.settings.failingMax(),
                backOff,
                new EventRate(this.settings.perSecond(), this.settings.burst()),
                reachability,
                environment.abort(),
                environment.ended(),
                clock),
            meters);
    this.thread = Thread.ofVirtual().name("flyteadmin-events").unstarted(this::run);
  }

  /**
   * Starts a publisher; close it to stop.
   *
   * @param watch reports the executions that have changed
   */
  public static EventPublisher start(
      Environment environment,
      FlyteAdminSettings settings,
      FlyteAdminChannel channel,
      ExecutionWatch watch) {
    var publisher = new EventPublisher(environment, settings, channel);
    var begun = environment.positions().enrolUnended(settings.executions());
    if (begun > 0) {
      LOG.info("the events of {} executions that have begun before are sent as well", begun);
    }
    watch.listen(publisher::changed);
    publisher.thread.start();
    return publisher;
  }

  private static EventValues values(Environment environment, FlyteAdminSettings settings) {
    return new EventValues(
        environment.storage(),
        new NodeInputs(environment.nodes(), environment.plans(), environment.storage()),
        environment.nodes(),
        settings.values(),
        settings.inlineBytesMax(),
        environment.clock());
  }

  private static ExecutionEvents.Context context(
      Environment environment, FlyteAdminSettings settings) {
    Function<String, CompiledWorkflowClosure> closures =
        digest -> environment.plans().compiled().closure(digest);
    return new ExecutionEvents.Context(
        settings.clusterId(),
        environment.plans().nodes(),
        closures,
        environment.storage().layout(),
        settings.children().areAdmins());
  }

  /** Records which executions have changed; does not block. */
  private void changed(Collection<Long> executions) {
    lock.lock();
    try {
      if (changed.size() < CHANGED_MAX) {
        changed.addAll(executions);
      } else {
        sweeps = true;
      }
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitWork()) {
        try {
          sendDue();
        } catch (RuntimeException e) {
          logFailure(e);
          sweepSoon();
          Thread.sleep(settings.backOff().min());
        }
      }
      ended.complete(null);
    } catch (InterruptedException _) {
      ended.complete(null);
      Thread.currentThread().interrupt();
    } catch (Error e) {
      LOG.error("the publisher for FlyteAdmin has failed; no more events are sent", e);
      ended.completeExceptionally(e);
      throw e;
    }
  }

  /** Completes when the publisher has stopped; exceptionally if an error has stopped it. */
  public CompletionStage<Void> ended() {
    return ended.minimalCompletionStage();
  }

  private static void logFailure(RuntimeException failure) {
    if (failure instanceof StoreException) {
      LOG.warn(
          "the positions of events for FlyteAdmin can't be read now; the publisher retries",
          failure);
    } else {
      LOG.error("the events for FlyteAdmin can't be sent; the publisher retries", failure);
    }
  }

  /** Waits for a change or the time of a sweep; false when the publisher is closed. */
  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        var pause = reachability.pause();
        if (pause.isPositive()) {
          var _ = arrived.awaitNanos(pause.toNanos());
        } else if (reachability.isSuspect() && isSending()) {
          // The end of a send signals {@code arrived}; a long send that FlyteAdmin answers again
          // does not.
          var _ = arrived.awaitNanos(settings.backOff().min().toNanos());
        } else if (!changed.isEmpty() || sweeps) {
          return true;
        } else if (untilSweep() > 0) {
          var _ = arrived.awaitNanos(untilSweep());
        } else {
          sweeps = true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isSending() {
    return senderSlots.availablePermits() < settings.parallelism();
  }

  private long untilSweep() {
    return sweptAtNanos + settings.sweep().toNanos() - System.nanoTime();
  }

  /**
   * Leases executions that have events to send and are due, and starts their sends: as many as
   * there are free slots, or a single one while FlyteAdmin has not answered since a failure.
   */
  private void sendDue() throws InterruptedException {
    Thread.sleep(PAUSE);
    senderSlots.acquire();
    var slots = 1 + senderSlots.drainPermits();
    try {
      for (var position : lease(room(slots))) {
        slots--;
        Thread.startVirtualThread(() -> send(position));
      }
    } finally {
      senderSlots.release(slots);
    }
  }

  /** How many of these free slots may be used now. */
  private int room(int slots) {
    lock.lock();
    try {
      if (closed) {
        return 0;
      }
    } finally {
      lock.unlock();
    }
    if (!reachability.isSuspect()) {
      return slots;
    }
    if (slots < settings.parallelism()) {
      return 0;
    }
    channel.reconnect();
    return 1;
  }

  private List<Position> lease(int room) {
    if (room == 0) {
      return List.of();
    }
    Set<Long> numbers;
    boolean all;
    lock.lock();
    try {
      numbers = Set.copyOf(changed);
      all = sweeps || reachability.isSuspect() || untilSweep() <= 0;
      changed.clear();
      sweeps = false;
    } finally {
      lock.unlock();
    }
    var leased =
        all
            ? positions.lease(settings.lease(), room)
            : positions.lease(settings.lease(), room, numbers);
    if (all) {
      swept();
    }
    if (leased.size() == room) {
      sweepSoon();
    }
    return leased;
  }

  private void sweepSoon() {
    lock.lock();
    try {
      sweeps = true;
    } finally {
      lock.unlock();
    }
  }

  private void swept() {
    sweptAtNanos = System.nanoTime();
    var unsent = positions.unsent();
    var oldest = unsent.oldest();
    meters.waiting(
        unsent.executions(),
        oldest == null ? Duration.ZERO : Duration.between(oldest, clock.instant()));
  }

  /**
   * Sends the events of an execution; afterwards the publisher checks the execution for later
   * steps.
   */
  private void send(Position position) {
    try {
      sender.send(position);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("the events of {} wait for the end of their lease", position.id(), e);
    } finally {
      senderSlots.release();
      changed(List.of(position.number()));
    }
  }

  /**
   * Stops. Another node, or the next start, sends the events that are not sent within five seconds.
   */
  @Override
  public void close() throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    if (senderSlots.tryAcquire(
        settings.parallelism(), CLOSE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
      // The publisher's thread may wait for a slot, and then finds the publisher closed.
      senderSlots.release(settings.parallelism());
    } else {
      LOG.info("events that FlyteAdmin has not answered yet are sent later");
    }
  }
}
