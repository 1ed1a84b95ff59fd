package io.turboprop.flyteadmin;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.setting.PeriodicJob;
import io.turboprop.store.EngineLock;
import io.turboprop.store.FlyteAdminSignalTables;
import io.turboprop.store.FlyteAdminSignalTables.AwaitedSignal;
import io.turboprop.store.SignalTables;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks FlyteAdmin for the signals that gates wait for, stores the values that were sent, and
 * notifies the gates. FlyteAdmin sends no notifications, so every signal is asked for at an
 * interval, by one engine of a cluster.
 */
public final class SignalWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SignalWatch.class);

  private static final int PAGE = 500;

  private final FlyteAdminSignalTables awaited;
  private final SignalTables signals;
  private final EngineLock lock;
  private final AdminSignals admin;
  private final BiConsumer<ExecutionId, NodePath> gates;
  private final Duration interval;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("flyteadmin-signals").factory());

  /**
   * @param lock says which engine of a cluster asks
   * @param gates notifies a gate; must not block
   * @param interval between two questions about a signal
   */
  public SignalWatch(
      FlyteAdminSignalTables awaited,
      SignalTables signals,
      EngineLock lock,
      AdminSignals admin,
      BiConsumer<ExecutionId, NodePath> gates,
      Duration interval) {
    this.awaited = awaited;
    this.signals = signals;
    this.lock = lock;
    this.admin = admin;
    this.gates = gates;
    this.interval = interval;
  }

  /** Starts to ask; close it to stop. */
  public void start() {
    var pause = interval.toMillis();
    var _ =
        schedule.scheduleWithFixedDelay(
            PeriodicJob.of(
                LOG,
                "the signals at FlyteAdmin can't be read now; the next look retries",
                this::lookIfHeld),
            pause,
            pause,
            TimeUnit.MILLISECONDS);
  }

  private void lookIfHeld() {
    if (lock.tryHold()) {
      look();
    }
  }

  /** Asks for all signals that gates wait for. */
  void look() {
    var last = 0L;
    List<AwaitedSignal> page;
    do {
      page = awaited.awaited(last, PAGE);
      for (var signal : page) {
        askFor(signal).ifPresent(value -> take(signal, value));
        last = signal.number();
      }
    } while (page.size() == PAGE);
  }

  /** A signal that FlyteAdmin refuses must not hold up the others. */
  private Optional<ByteString> askFor(AwaitedSignal signal) {
    try {
      return admin.ask(signal.id(), signal.signalId(), signal.type());
    } catch (IllegalStateException e) {
      LOG.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  private void take(AwaitedSignal signal, ByteString value) {
    signals
        .set(signal.execution(), signal.signalId(), value)
        .ifPresent(waiting -> waiting.forEach(gate -> gates.accept(signal.id(), gate)));
  }

  @Override
  public void close() {
    schedule.shutdownNow();
    lock.release();
  }
}
