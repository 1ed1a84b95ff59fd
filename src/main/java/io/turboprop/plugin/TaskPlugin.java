package io.turboprop.plugin;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs the tasks of some types. One instance serves all tasks; calls for different attempts come
 * concurrently, calls for one attempt never do.
 *
 * <p>Everything may happen twice: after a crash of the engine an attempt that was under way is
 * handled again, with the state it last returned. What a plugin creates in the world is therefore
 * named by {@link TaskContext#generatedName()}, and creating what is there already is success.
 *
 * <p>A stage that completes exceptionally, or takes longer than the engine waits, counts as a fault
 * of the platform: the call is repeated with back-off, and in the end the attempt fails with a
 * SYSTEM error.
 */
public interface TaskPlugin extends AutoCloseable {

  /** The name by which configuration chooses this plugin, e.g. {@code echo}. */
  String id();

  /**
   * Whether an attempt can only be looked at, aborted and finished on the machine where it was
   * started: true for processes of that machine, false for what every machine reaches by its name,
   * as a pod. In a cluster such attempts belong to the node that has started them.
   */
  boolean isBoundToMachine();

  /**
   * Looks at an attempt and moves it on: starts what is not started, else sees how it stands.
   * Called first with empty state, then whenever it was asked for, until it answers {@link
   * TaskTransition.Succeeded} or {@link TaskTransition.Failed}.
   *
   * @param state what the last {@link TaskTransition.Running} of this attempt carried; empty at
   *     first
   */
  CompletionStage<TaskTransition> handle(TaskContext task, ByteString state);

  /**
   * Stops an attempt and all it started. Completes when nothing runs any more. It is no error when
   * the attempt was never begun, or is over: an engine that comes back from a crash may not know.
   */
  CompletionStage<Void> abort(TaskContext task, ByteString state);

  /** Cleans up after an attempt; always called once it is over or aborted. */
  CompletionStage<Void> finish(TaskContext task, ByteString state);

  /**
   * Deletes what was kept of an execution's attempts after {@link #finish}: the execution, which
   * ended long ago, is being deleted.
   */
  default CompletionStage<Void> forget(ExecutionId execution) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Releases what the plugin holds in this process: connections, threads, warm workers. The engine
   * stops, so no other call comes any more. Attempts that are under way go on where they can; an
   * engine that starts later handles them again.
   */
  @Override
  default void close() {}
}
