package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.Literals;
import io.turboprop.workflow.state.AttemptSummary;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The catalog as one attempt of a task sees it: look-up, reservation and write-back. */
interface AttemptCache {

  /** The answer of the catalog before the task runs. */
  sealed interface Verdict {
    /** The task is not cached, and has to run. */
    record NotCached() implements Verdict {}

    /** The catalog has the outputs of an earlier run. */
    record Hit(Literals outputs, ByteString key) implements Verdict {}

    /** The task has to run, and its outputs will be written to the catalog. */
    record Run(AttemptSummary.Cache cache) implements Verdict {
      static final Run NOT_CACHED = new Run(AttemptSummary.Cache.DISABLED);
    }

    /**
     * Another attempt holds the reservation: ask again later.
     *
     * @param owner the generated name of that attempt
     */
    record Wait(String owner) implements Verdict {}
  }

  CompletionStage<Verdict> ask(Literals inputs);

  /**
   * Resumes the reservation of a task that an earlier engine process started: the task runs whether
   * or not the reservation still exists.
   */
  CompletionStage<Verdict.Run> resume(Literals inputs);

  /** Whether the outputs are written to the catalog. */
  boolean keeps();

  /**
   * How often {@link #extend} has to be called while the task runs; empty without a reservation.
   */
  Optional<Duration> heartbeat();

  /** Extends the reservation. */
  CompletionStage<Void> extend();

  /**
   * Writes the outputs and releases the reservation; a failure of the catalog is part of the
   * result, and is not thrown.
   */
  CompletionStage<AttemptSummary.Cache> keep(Literals inputs, Literals outputs);

  /** Releases the reservation after a failure or an abort; does nothing without a reservation. */
  CompletionStage<Void> release();

  /** The view of a task that is not cached. */
  AttemptCache NONE =
      new AttemptCache() {
        @Override
        public CompletionStage<Verdict> ask(Literals inputs) {
          return CompletableFuture.completedFuture(new Verdict.NotCached());
        }

        @Override
        public CompletionStage<Verdict.Run> resume(Literals inputs) {
          return CompletableFuture.completedFuture(Verdict.Run.NOT_CACHED);
        }

        @Override
        public boolean keeps() {
          return false;
        }

        @Override
        public Optional<Duration> heartbeat() {
          return Optional.empty();
        }

        @Override
        public CompletionStage<Void> extend() {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<AttemptSummary.Cache> keep(Literals inputs, Literals outputs) {
          return CompletableFuture.completedFuture(AttemptSummary.Cache.DISABLED);
        }

        @Override
        public CompletionStage<Void> release() {
          return CompletableFuture.completedFuture(null);
        }
      };
}
