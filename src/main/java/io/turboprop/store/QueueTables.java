package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;

import io.turboprop.data.ExecutionId;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * The accepted executions that wait because their project has as many under way as it may have.
 * Executions that nodes of others have started neither wait nor count: their parents wait for them,
 * and would hold what they wait for.
 */
public final class QueueTables {
  private static final Condition QUEUED = DSL.condition(EXECUTION.QUEUED);

  private static final Condition UNDER_WAY =
      DSL.not(DSL.condition(EXECUTION.FINAL))
          .andNot(DSL.condition(EXECUTION.QUEUED))
          .and(EXECUTION.PARENT_NUMBER.isNull());

  private final Database database;

  public QueueTables(Database database) {
    this.database = database;
  }

  /** The projects of which executions wait, in the order of their names. */
  public List<String> projects() {
    return database
        .sql()
        .selectDistinct(EXECUTION.PROJECT)
        .from(EXECUTION)
        .where(QUEUED)
        .orderBy(EXECUTION.PROJECT)
        .fetch(EXECUTION.PROJECT);
  }

  /**
   * Takes executions of a project out of the queue, in the order of their acceptance. Callers for
   * the same project take turns, so that they never release too many together.
   *
   * @param underWayMax how many executions of the project may be under way
   * @param limit how many to release at most
   * @return those that may begin now
   */
  public List<ExecutionId> release(String project, int underWayMax, int limit) {
    return database.transaction(sql -> {
      lock(sql, project);
      var free = Math.min(limit, underWayMax - underWay(sql, project, underWayMax));
      return free <= 0 ? List.<ExecutionId>of() : release(sql, project, free);
    });
  }

  private static void lock(DSLContext sql, String project) {
    sql.select(
            DSL.function(
                "pg_advisory_xact_lock",
                Object.class,
                DSL.function(
                    "hashtextextended", Long.class, DSL.val("queue of " + project), DSL.val(0L))))
        .execute();
  }

  /** Counts no further than to the bound. */
  private static int underWay(DSLContext sql, String project, int countedMax) {
    return sql.fetchCount(
        DSL.selectOne()
            .from(EXECUTION)
            .where(EXECUTION.PROJECT.eq(project), UNDER_WAY)
            .limit(countedMax));
  }

  private static List<ExecutionId> release(DSLContext sql, String project, int free) {
    return sql.update(EXECUTION)
        .set(EXECUTION.QUEUED, false)
        .where(
            EXECUTION.NUMBER.in(
                DSL.select(EXECUTION.NUMBER)
                    .from(EXECUTION)
                    .where(QUEUED, EXECUTION.PROJECT.eq(project))
                    .orderBy(EXECUTION.NUMBER)
                    .limit(free)),
            QUEUED)
        .returningResult(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, EXECUTION.NUMBER)
        .fetch()
        .sortAsc(EXECUTION.NUMBER)
        .map(row -> new ExecutionId(row.value1(), row.value2(), row.value3()));
  }

  /** Whether at least so many executions of a project wait. */
  public boolean isAsLongAs(String project, int length) {
    return database
        .sql()
        .fetchExists(
            DSL.selectOne()
                .from(EXECUTION)
                .where(QUEUED, EXECUTION.PROJECT.eq(project))
                .orderBy(EXECUTION.NUMBER)
                .limit(length - 1, 1));
  }
}
