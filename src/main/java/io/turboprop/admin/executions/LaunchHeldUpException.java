package io.turboprop.admin.executions;

import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.Outage;

/**
 * An execution can't start another one at this moment, for a reason that passes by itself: it costs
 * no attempt.
 */
final class LaunchHeldUpException extends RuntimeException implements Outage {
  private static final long serialVersionUID = 1L;

  LaunchHeldUpException(AdminException refusal) {
    super(refusal.getMessage(), refusal);
  }
}
