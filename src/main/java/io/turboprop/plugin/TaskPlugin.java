package io.turboprop.plugin;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs the tasks of some types. One instance serves all tasks; calls for different attempts come
 * concurrently, calls for one attempt never do.
 *
 * <p>Every call may be repeated: after a crash, the engine handles an unfinished attempt again,
 * with the state that the plugin last returned. The plugin therefore names external resources by
 * {@link TaskContext#generatedName()}, and treats an existing resource as created.
 *
 * <p>A stage that completes exceptionally, or takes longer than the engine waits, counts as a fault
 * of the platform: the call is repeated with back-off, and in the end the attempt fails with a
 * SYSTEM error.
 */
public interface TaskPlugin extends AutoCloseable {

  /** The name of this plugin in the configuration, e.g. {@code echo}. */
  String id();

  /**
   * How many attempts may run on this machine at the same time; eager tasks do not count. Only
   * asked of a plugin that is {@linkplain TaskPluginProvider#isBoundToMachine bound to its
   * machine}.
   */
  default int slots() {
    return Integer.MAX_VALUE;
  }

  /**
   * Moves the deadline until which attempts may run on this machine to {@code time} from now. If
   * the deadline passes without a further call, the plugin kills every process that the attempts
   * have started here, even if this process stands still or has died, because another machine may
   * then begin the next attempt. In a cluster, the executor calls this repeatedly for plugins that
   * are bound to their machine; without any call there is no deadline. Blocks.
   *
   * @param time zero kills all processes at once
   * @return false if the previous deadline has passed, so that all earlier processes were killed
   * @throws IOException when the deadline can't be recorded; the previous deadline still holds
   */
  default boolean extendRunDeadline(Duration time) throws IOException {
    return true;
  }

  /**
   * Starts an attempt, or reads the status of a started one. The first call has an empty state. The
   * engine repeats the call as the last answer requested, until the answer is {@link
   * TaskTransition.Succeeded} or {@link TaskTransition.Failed}.
   *
   * @param state the state of the attempt's last {@link TaskTransition.Running}; empty at first
   */
  CompletionStage<TaskTransition> handle(TaskContext task, ByteString state);

  /**
   * Stops an attempt and everything that it started. Succeeds for an attempt that was never started
   * or has ended, because the engine may not know this after a crash.
   *
   * <p>A plugin that is bound to its machine completes the call when no part of the attempt runs
   * any more, because the machine's slots and memory are free for others from then on. Another
   * plugin may complete the call when its service has accepted the request to stop: the attempt may
   * then run on for its grace period while the next attempt begins. The two do not disturb each
   * other, since each attempt writes below prefixes of its own.
   */
  CompletionStage<Void> abort(TaskContext task, ByteString state);

  /** Cleans up after an attempt; always called after its end or abort. */
  CompletionStage<Void> finish(TaskContext task, ByteString state);

  /**
   * The place of an attempt that waits for a slot of this plugin; empty if the attempt does not
   * wait for one, or if the plugin can't say. May block.
   *
   * @param generatedName the attempt's {@link TaskContext#generatedName()}
   */
  default Optional<QueuePlace> queuePlace(ExecutionId execution, String generatedName) {
    return Optional.empty();
  }

  /**
   * Deletes the files that an execution's attempts keep after {@link #finish}. Called when
   * retention deletes the execution.
   */
  default CompletionStage<Void> forget(ExecutionId execution) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * The executions of which the plugin keeps files on this machine after {@link #finish}. In a
   * cluster, where another machine may delete the execution, the executor calls this for plugins
   * that are bound to their machine. Blocks.
   */
  default List<ExecutionId> executionsWithFiles() throws IOException {
    return List.of();
  }

  /**
   * Releases the plugin's resources in this process: connections, threads, warm workers. Called
   * when the engine stops; no other call follows. Attempts under way go on where they can, and the
   * next engine process handles them again.
   */
  @Override
  default void close() {}
}
