package io.turboprop.workflow;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** What to make of the failures of an entity's own parts. */
final class Failures {
  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final int DOUBLINGS_MAX = 5;

  private Failures() {}

  /** Whether the database could not be reached: that passes, however long it takes. */
  static boolean isOutage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException || cause instanceof TimeoutException) {
        return true;
      }
      if (cause.getCause() == cause) {
        return false;
      }
    }
    return false;
  }

  static Duration pause(int failures) {
    return PAUSE_MIN.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
  }

  /** The error of an execution whose entity breaks again and again. */
  static ExecutionError poisoned(Throwable cause) {
    return ExecutionError.system(
        "ExecutionSetAside", "the engine could not go on with this execution: " + cause);
  }

  /** What is reported for a worker that broke. */
  static NodeReport report(Assignment assignment, Throwable cause) {
    return switch (assignment.work()) {
      case Work.RunNode run ->
          new NodeReport.Failed(
              run.node(),
              run.attempt(),
              ExecutionError.system("WorkerFailed", "the worker of this attempt broke: " + cause),
              true,
              Conclusion.NONE);
      case Work.AbortNode abort -> new NodeReport.Aborted(abort.node(), abort.attempt());
    };
  }
}
