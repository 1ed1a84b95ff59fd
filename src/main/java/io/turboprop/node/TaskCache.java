package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.Literals;
import io.turboprop.workflow.state.AttemptSummary;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The catalog as one attempt of one task sees it (engine §5.3). */
interface TaskCache {

  /** What the catalog says before the task is run. */
  sealed interface Verdict {
    /** The task is not cached: run it. */
    record NotCached() implements Verdict {}

    /** It has been run before. */
    record Hit(Literals outputs, ByteString key) implements Verdict {}

    /** Run it; its outputs will be kept. */
    record Run(AttemptSummary.Cache cache) implements Verdict {
      static final Run NOT_CACHED = new Run(AttemptSummary.Cache.DISABLED);
    }

    /**
     * Another attempt is running the same: ask again later.
     *
     * @param owner the generated name of that attempt
     */
    record Wait(String owner) implements Verdict {}
  }

  CompletionStage<Verdict> ask(Literals inputs);

  /**
   * Takes up again what was held for a task that was begun before this engine was: it runs, whether
   * it is held or not.
   */
  CompletionStage<Verdict.Run> resume(Literals inputs);

  /** Whether outputs are kept at all. */
  boolean keeps();

  /** How often {@link #extend} has to be called while the task runs; empty if nothing is held. */
  Optional<Duration> heartbeat();

  /** Goes on holding what is held. */
  CompletionStage<Void> extend();

  /** Keeps the outputs and lets others go; what the catalog can't do is told, not thrown. */
  CompletionStage<AttemptSummary.Cache> keep(Literals inputs, Literals outputs);

  /** Lets others go after a failure or an abort; does nothing if nothing was held. */
  CompletionStage<Void> release();

  /** For tasks that are not cached. */
  TaskCache NONE =
      new TaskCache() {
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
