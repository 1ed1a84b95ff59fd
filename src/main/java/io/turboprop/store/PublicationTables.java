package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.entity.Publisher;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.jooq.impl.DSL;

/** Reads how far executions are published, and marks executions as parked. */
public final class PublicationTables {
  /** {@code flyteidl.core.WorkflowExecution.Phase.ABORTING}. */
  private static final int ABORTING = 9;

  private final Database database;

  public PublicationTables(Database database) {
    this.database = database;
  }

  /**
   * Which step of the journal each of these executions shows; those that have ended, or are gone,
   * are left out: nothing follows for them.
   */
  public Map<Long, Long> publishedThrough(Collection<Long> numbers) {
    return database
        .sql()
        .select(EXECUTION.NUMBER, EXECUTION.PUBLISHED_THROUGH)
        .from(EXECUTION)
        .where(EXECUTION.NUMBER.eq(DSL.any(numbers.toArray(Long[]::new))))
        .andNot(EXECUTION.FINAL)
        .fetchMap(EXECUTION.NUMBER, EXECUTION.PUBLISHED_THROUGH);
  }

  /**
   * Marks an execution as parked. It is retried at the time of the parking, or at once if it has
   * not seen a request to abort it.
   *
   * @return whether there is such an execution that has not ended
   */
  public boolean park(ExecutionId id, Publisher.Parking parking, Instant at) {
    var until = DSL.val(parking.until(), EXECUTION.WAKE_UP);
    return database
            .sql()
            .update(EXECUTION)
            .set(EXECUTION.PARKED_AT, at)
            .set(EXECUTION.PARKED_REASON, Rows.withoutNul(parking.reason()))
            .set(
                EXECUTION.WAKE_UP,
                parking.abortSeen()
                    ? until
                    : DSL.when(EXECUTION.PHASE.eq(ABORTING), Rows.OVERDUE).otherwise(until))
            .where(EXECUTION.PROJECT.eq(id.project()))
            .and(EXECUTION.DOMAIN.eq(id.domain()))
            .and(EXECUTION.NAME.eq(id.name()))
            .andNot(EXECUTION.FINAL)
            .execute()
        > 0;
  }
}
