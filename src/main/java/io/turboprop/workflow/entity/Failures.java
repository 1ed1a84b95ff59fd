package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.Outage;
import io.turboprop.setting.BackOff;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.state.AttemptSummary;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.pattern.CircuitBreakerOpenException;
import org.apache.pekko.persistence.RecoveryTimedOut;

/** Classifies the failures of an entity and its parts. */
public final class Failures {
  private static final BackOff PAUSES = new BackOff(Duration.ofMillis(200), Duration.ofSeconds(5));

  private Failures() {}

  /**
   * Whether the store could not be reached, or a part of the engine was overloaded. An outage
   * passes by itself and is no fault of the execution.
   */
  public static boolean isOutage(Throwable failure) {
    return Outage.isCauseOf(failure) || isOverload(failure);
  }

  private static boolean isOverload(Throwable failure) {
    return switch (failure) {
      case TimeoutException _,
          CircuitBreakerOpenException _,
          RecoveryTimedOut _,
          RejectedExecutionException _ ->
          true;
      case Throwable other when other.getCause() != null && other.getCause() != other ->
          isOverload(other.getCause());
      case Throwable _ -> false;
    };
  }

  /** Whether the journal already has a step of this number, which another owner has written. */
  public static boolean isFence(Throwable failure) {
    return switch (failure) {
      case FencedException _ -> true;
      case Throwable other when other.getCause() != null && other.getCause() != other ->
          isFence(other.getCause());
      case Throwable _ -> false;
    };
  }

  /** The pause after this number of failures in a row. Entities do not come back in step. */
  static Duration pause(int failures) {
    return PAUSES.jitteredAfter(failures);
  }

  /** Whether a newer version of the engine has written the data, so that a retry can't help. */
  static boolean isNewerFormat(Throwable failure) {
    return failure instanceof NewerFormatException
        || (failure.getCause() instanceof Throwable cause
            && cause != failure
            && isNewerFormat(cause));
  }

  /** The reason for parking, for users: the innermost message, which names the problem. */
  static String reason(Throwable failure) {
    var cause = failure;
    while (cause.getCause() instanceof Throwable inner && inner != cause) {
      cause = inner;
    }
    if (cause instanceof SQLException) {
      return "the database refuses the data of the execution; the log of the engine has the details";
    }
    var message = cause.getMessage();
    return message == null || message.isBlank()
        ? "an internal error; the log of the engine has the details"
        : message;
  }

  /** The report for a worker that failed. */
  static NodeReport report(Assignment assignment, Throwable cause) {
    return switch (assignment.work()) {
      case Work.RunNode run ->
          new NodeReport.Failed(
              run.node(),
              run.attempt(),
              ExecutionError.system("WorkerFailed", "the worker of this attempt failed: " + cause),
              true,
              AttemptSummary.NONE);
      case Work.AbortNode abort -> new NodeReport.Aborted(abort.node(), abort.attempt());
    };
  }
}
