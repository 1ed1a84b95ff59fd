package io.turboprop.console;

import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notifies pages with lists of executions to read them again: an event at most twice a second, and
 * only if rows have changed. It knows only the changes that this node has written. The page polls
 * for the changes of other nodes.
 */
final class ChangeTicker {
  private static final Duration EVERY = Duration.ofMillis(500);

  private final LongSupplier changes;

  ChangeTicker(LongSupplier changes) {
    this.changes = changes;
  }

  /** Notifies a stream until it ends. */
  void follow(ServiceRequestContext context, EventStream stream) {
    var ticks =
        context
            .eventLoop()
            .withoutContext()
            .scheduleWithFixedDelay(
                new Ticks(stream), EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    stream.ended().whenComplete((_, _) -> ticks.cancel(false));
  }

  /** The ticks of one stream, all on its event loop. */
  private final class Ticks implements Runnable {
    private final EventStream stream;
    private long told = changes.getAsLong();

    Ticks(EventStream stream) {
      this.stream = stream;
    }

    @Override
    public void run() {
      var now = changes.getAsLong();
      if (now != told && stream.isTaken()) {
        told = now;
        var _ = stream.send("changes", Long.toString(now));
      }
    }
  }
}
