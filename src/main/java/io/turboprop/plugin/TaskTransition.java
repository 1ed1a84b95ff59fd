package io.turboprop.plugin;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import java.time.Duration;
import java.time.Instant;

/** The state of an attempt after a look at it. */
public sealed interface TaskTransition {
  /** The logs, reason and custom information that clients see of the attempt. */
  TaskInfo info();

  /**
   * Not over.
   *
   * @param phase how far it is
   * @param version grows with each news within one phase; news with a known version is not
   *     published
   * @param state what the plugin wants back, at most 256 bytes; recorded durably when it changes
   */
  record Running(TaskPhase phase, int version, ByteString state, TaskInfo info, LookAgain lookAgain)
      implements TaskTransition {}

  /** It has done what it should. */
  record Succeeded(Outputs outputs, TaskInfo info) implements TaskTransition {}

  /**
   * It has failed.
   *
   * @param recoverable whether another attempt may help; the budget of the error's kind decides
   */
  record Failed(ExecutionError error, boolean recoverable, TaskInfo info)
      implements TaskTransition {}

  /** Where the outputs are. */
  sealed interface Outputs {
    /** Here. */
    record Inline(Literals literals) implements Outputs {}

    /**
     * In the files that the task wrote below {@link TaskContext#outputPrefix()}: {@code error.pb},
     * {@code outputs.pb}; the engine reads and checks them (tasks §4).
     */
    record Files() implements Outputs {}
  }

  /** When the plugin is called next. */
  sealed interface LookAgain {
    /** When {@link TaskContext#lookAgain()} is called, which the plugin sees to. */
    record WhenTold() implements LookAgain {}

    /** After this time, or when {@link TaskContext#lookAgain()} is called. */
    record After(Duration delay) implements LookAgain {}

    /**
     * Not before this moment: nothing is under way in this JVM, and the engine may forget the
     * execution until then.
     */
    record At(Instant moment) implements LookAgain {}
  }
}
