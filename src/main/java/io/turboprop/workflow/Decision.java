package io.turboprop.workflow;

import java.util.List;

/** The answer to a command. */
public sealed interface Decision {
  Decision IGNORE = new Accept(List.of());

  /** What happens, in order; empty for a command that changes nothing, e.g. a late report. */
  record Accept(List<WorkflowEvent> events) implements Decision {}

  /** The caller was wrong; nothing happens. */
  record Reject(Reason reason, String message) implements Decision {}

  enum Reason {
    ALREADY_STARTED,
    NOT_STARTED,
    ALREADY_ENDED,
    BUSY
  }
}
