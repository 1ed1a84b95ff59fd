package io.turboprop.data;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.metric.Meters;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A decorator that counts the calls of a store, and measures how long they take. */
public final class MeteredDataStore extends WrappedDataStore {
  private final Map<Operation, Figures> figures = new EnumMap<>(Operation.class);

  /** How a call has ended. */
  private enum Outcome {
    OK,
    MISSING,
    DENIED,
    FAILED;

    static Outcome of(IOException failure) {
      return switch (failure) {
        case NoSuchFileException _ -> MISSING;
        case AccessDeniedException _ -> DENIED;
        default -> FAILED;
      };
    }
  }

  private record Figures(Map<Outcome, Counter> calls, DistributionSummary millis) {
    static Figures of(Operation operation, Meters meters) {
      var name = operation.name().toLowerCase(Locale.ROOT);
      var calls = new EnumMap<Outcome, Counter>(Outcome.class);
      for (var outcome : Outcome.values()) {
        calls.put(
            outcome,
            meters.counter(
                "turboprop.data.calls",
                "calls of the blob store, by operation and outcome",
                "operation",
                name,
                "outcome",
                outcome.name().toLowerCase(Locale.ROOT)));
      }
      return new Figures(
          calls,
          meters.summary(
              "turboprop.data.call_ms",
              "time of a call of the blob store with all its tries; of open, to the first byte",
              "operation",
              name));
    }

    void record(Outcome outcome, long startNanos) {
      millis.record((System.nanoTime() - startNanos) / 1e6);
      Objects.requireNonNull(calls.get(outcome)).increment();
    }
  }

  public MeteredDataStore(DataStore store, Meters meters) {
    super(store);
    for (var operation : Operation.values()) {
      figures.put(operation, Figures.of(operation, meters));
    }
  }

  @Override
  protected <T> T around(Operation operation, Call<T> call) throws IOException {
    var start = System.nanoTime();
    var outcome = Outcome.FAILED;
    try {
      var result = call.make();
      outcome = Outcome.OK;
      return result;
    } catch (IOException e) {
      outcome = Outcome.of(e);
      throw e;
    } finally {
      Objects.requireNonNull(figures.get(operation)).record(outcome, start);
    }
  }
}
