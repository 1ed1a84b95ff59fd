package io.turboprop.flyteadmin;

import io.grpc.StatusRuntimeException;
import io.turboprop.data.Outage;
import java.io.IOException;

/** FlyteAdmin, or its DataCatalog, can't be reached or has no answer now. */
final class AdminUnavailableException extends IOException implements Outage {
  private static final long serialVersionUID = 1L;

  /**
   * @param what can't be done
   */
  AdminUnavailableException(String what, StatusRuntimeException cause) {
    super("%s: %s".formatted(what, cause.getStatus()), cause);
  }
}
