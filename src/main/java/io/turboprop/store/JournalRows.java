package io.turboprop.store;

import java.util.Collection;
import org.jooq.DSLContext;

/** The rows that package {@code journal} writes, as far as the tables beside it need them. */
public final class JournalRows {
  private JournalRows() {}

  /** Deletes all steps and snapshots of these executions, as part of the caller's transaction. */
  public static void delete(DSLContext transaction, Collection<String> persistenceIds) {
    var ids = persistenceIds.toArray(String[]::new);
    transaction.execute("delete from snapshot where persistence_id = any (?)", (Object) ids);
    transaction.execute("delete from event_journal where persistence_id = any (?)", (Object) ids);
  }
}
