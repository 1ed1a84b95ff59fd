package io.turboprop.plugin;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import java.time.Duration;
import java.time.Instant;

/** The result of a plugin's call for an attempt. */
public sealed interface TaskTransition {
  /** The logs, reason and custom information that clients see of the attempt. */
  TaskInfo info();

  /**
   * The attempt has not ended.
   *
   * @param phase the phase of the attempt
   * @param version grows with each change within a phase; a change without a new version is not
   *     published
   * @param state the plugin's own state, which the next call gets back; at most 256 bytes; recorded
   *     when it changes
   */
  record Running(TaskPhase phase, int version, ByteString state, TaskInfo info, LookAgain lookAgain)
      implements TaskTransition {}

  /** The attempt has succeeded. */
  record Succeeded(Outputs outputs, TaskInfo info) implements TaskTransition {}

  /**
   * The attempt has failed.
   *
   * @param recoverable whether another attempt may help; if so, the retry budget of the error's
   *     kind decides
   */
  record Failed(ExecutionError error, boolean recoverable, TaskInfo info)
      implements TaskTransition {}

  /** The place of the outputs. */
  sealed interface Outputs {
    /** The outputs are in this record. */
    record Inline(Literals literals) implements Outputs {}

    /**
     * The outputs are in the files that the task wrote below {@link TaskContext#outputPrefix()}:
     * {@code error.pb}, {@code outputs.pb}; the engine reads and checks them.
     */
    record Files() implements Outputs {}
  }

  /** The time of the next call of the plugin. */
  sealed interface LookAgain {
    /** The next call follows {@link TaskContext#lookAgain()}, which the plugin promises to call. */
    record WhenNotified() implements LookAgain {}

    /** The next call follows after this time, or after {@link TaskContext#lookAgain()}. */
    record After(Duration delay) implements LookAgain {}

    /**
     * The next call follows at this time: the attempt has nothing under way in this JVM, so the
     * entity may passivate until then.
     */
    record At(Instant moment) implements LookAgain {}
  }
}
