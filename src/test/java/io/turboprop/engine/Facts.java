package io.turboprop.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for facts that nobody tells, by looking again and again. */
final class Facts {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Facts() {}

  /**
   * Looks until the condition holds.
   *
   * @throws AssertionError when it does not in time
   */
  static void await(String what, Duration within, BooleanSupplier condition) {
    get(what, within, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Looks until there is something.
   *
   * @throws AssertionError when there is nothing in time
   */
  static <T> T get(String what, Duration within, Supplier<Optional<T>> look) {
    var end = System.nanoTime() + within.toNanos();
    var found = look.get();
    while (found.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + within + ": " + what);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
      found = look.get();
    }
    return found.orElseThrow();
  }
}
