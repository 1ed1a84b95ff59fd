package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.Outage;
import io.turboprop.postgres.StoreException;

/**
 * An execution can't be accepted now: the retention is deleting files of an older execution that
 * has the same name or the same folder. The same request succeeds when they are deleted.
 */
public final class DeletionUnderWayException extends StoreException implements Outage {
  private static final long serialVersionUID = 1L;

  DeletionUnderWayException(ExecutionId id) {
    super(
        "execution %s can't be created now: the files of an older execution with the same name or folder are being deleted; try again"
            .formatted(id));
  }
}
