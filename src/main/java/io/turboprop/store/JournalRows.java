package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EVENT_JOURNAL;
import static io.turboprop.store.jooq.Tables.SNAPSHOT;

import java.util.Collection;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** The rows that package {@code journal} writes, as far as the tables beside it need them. */
public final class JournalRows {
  private JournalRows() {}

  /** Deletes all steps and snapshots of these executions, as part of the caller's transaction. */
  public static void delete(DSLContext transaction, Collection<String> persistenceIds) {
    var ids = DSL.any(persistenceIds.toArray(String[]::new));
    transaction.deleteFrom(SNAPSHOT).where(SNAPSHOT.PERSISTENCE_ID.eq(ids)).execute();
    transaction.deleteFrom(EVENT_JOURNAL).where(EVENT_JOURNAL.PERSISTENCE_ID.eq(ids)).execute();
  }
}
