package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.Outage;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.state.AttemptSummary;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.pattern.CircuitBreakerOpenException;
import org.apache.pekko.persistence.RecoveryTimedOut;

/** What to make of the failures of an entity's own parts. */
public final class Failures {
  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final int DOUBLINGS_MAX = 3;

  private Failures() {}

  /**
   * Whether the database could not be reached, or had too much to do: that passes, however long it
   * takes, and is no fault of the execution that happened to ask.
   */
  public static boolean isOutage(Throwable failure) {
    return switch (failure) {
      case Throwable outage when outage instanceof Outage -> true;
      case TimeoutException _,
          CircuitBreakerOpenException _,
          RecoveryTimedOut _,
          RejectedExecutionException _ ->
          true;
      case Throwable other when other.getCause() != null && other.getCause() != other ->
          isOutage(other.getCause());
      case Throwable _ -> false;
    };
  }

  /** Whether a step of this number is in the journal already: somebody else has written it. */
  public static boolean isFence(Throwable failure) {
    return switch (failure) {
      case FencedException _ -> true;
      case Throwable other when other.getCause() != null && other.getCause() != other ->
          isFence(other.getCause());
      case Throwable _ -> false;
    };
  }

  /** How long to wait after so many failures in a row, the database's or not. */
  static Duration pause(int failures) {
    return PAUSE_MIN.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS_MAX));
  }

  /** Whether a newer version has written what could not be read: another try here is in vain. */
  static boolean isNewerFormat(Throwable failure) {
    return failure instanceof NewerFormatException
        || (failure.getCause() instanceof Throwable cause
            && cause != failure
            && isNewerFormat(cause));
  }

  /** Why an execution is parked, for people: the innermost message, which names what is wrong. */
  static String reason(Throwable failure) {
    var cause = failure;
    while (cause.getCause() instanceof Throwable inner && inner != cause) {
      cause = inner;
    }
    if (cause instanceof SQLException) {
      return "the database refuses what it has to store; the log of the engine has the details";
    }
    var message = cause.getMessage();
    return message == null || message.isBlank()
        ? "an internal error; the log of the engine has the details"
        : message;
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
              AttemptSummary.NONE);
      case Work.AbortNode abort -> new NodeReport.Aborted(abort.node(), abort.attempt());
    };
  }
}
