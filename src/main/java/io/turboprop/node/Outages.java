package io.turboprop.node;

import io.turboprop.data.DataStore;
import io.turboprop.workflow.entity.Failures;
import java.sql.SQLException;

/** Failures that pass once the database or the blob store is back. */
final class Outages {
  private Outages() {}

  /** Whether a call failed since the database or the blob store is away, or has too much to do. */
  static boolean isOutage(Throwable failure) {
    return switch (failure) {
      case DataStore.UnavailableException _ -> true;
      case SQLException sql -> Failures.isOutage(sql);
      case Throwable other when other.getCause() != null && other.getCause() != other ->
          isOutage(other.getCause());
      case Throwable _ -> false;
    };
  }
}
