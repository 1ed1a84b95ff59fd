package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;

/**
 * Bounds the texts that an execution keeps, so that many nodes with long errors or a long cause of
 * abort fit into memory and journal. The first errors are kept as they are (up to 100 KiB, as
 * FlytePropeller keeps an error), the thousandth is cut to 1 KiB, so that n errors take about 100
 * KiB × ln n + n KiB.
 */
public final class Texts {
  private static final int ERROR_BYTES_MAX = 100 * 1024;
  private static final int ERROR_BYTES_MIN = 1024;

  /** The bound of the cause of an abort, which is kept once, in the graph that it stops. */
  private static final int CAUSE_BYTES_MAX = 10 * 1024;

  /** The bound of the cause as each node repeats it that is stopped with its graph. */
  private static final int REPEATED_CAUSE_BYTES_MAX = 512;

  private Texts() {}

  /**
   * An error of an attempt as it is recorded.
   *
   * @param errors how many the execution has recorded before
   */
  public static ExecutionError error(ExecutionError error, int errors) {
    return error.trimmed(Math.max(ERROR_BYTES_MIN, ERROR_BYTES_MAX / (1 + errors)));
  }

  /** The cause of an abort as it is recorded. */
  public static String cause(String cause) {
    return ExecutionError.trimmed(cause, CAUSE_BYTES_MAX);
  }

  /** The cause for which a graph is stopped, as a node of that graph repeats it. */
  public static String repeatedCause(String cause) {
    return ExecutionError.trimmed(cause, REPEATED_CAUSE_BYTES_MAX);
  }
}
