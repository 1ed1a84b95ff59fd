package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.DYNAMIC_PLAN;
import static io.turboprop.store.jooq.Tables.FLYTE_WORKFLOW_RESOURCE;
import static io.turboprop.store.jooq.Tables.PLAN;
import static io.turboprop.store.jooq.Tables.WORKFLOW;

import com.google.protobuf.ByteString;
import io.turboprop.data.NewerFormatException;
import io.turboprop.store.jooq.tables.records.PlanRecord;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.InsertOnConflictConditionStep;
import org.jooq.InsertOnDuplicateStep;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** Compiled workflows by digest; what is there never changes. */
public final class PlanTables {
  /** The format that this version writes; the column's default. */
  private static final int FORMAT = 1;

  private final Database database;

  public PlanTables(Database database) {
    this.database = database;
  }

  /**
   * Stores the closure with a digest, unless it is there. An existing plan is locked until the end
   * of the transaction, so that it is not deleted before the transaction refers to it.
   */
  static void store(DSLContext transaction, String digest, ByteString closure) {
    storing(
            transaction
                .insertInto(PLAN, PLAN.DIGEST, PLAN.CLOSURE)
                .values(digest, closure.toByteArray()))
        .execute();
  }

  /** The same for the rows of a statement. */
  static InsertOnConflictConditionStep<PlanRecord> storing(InsertOnDuplicateStep<PlanRecord> rows) {
    return rows.onConflict(PLAN.DIGEST)
        .doUpdate()
        .set(PLAN.CLOSURE, PLAN.CLOSURE)
        .where(DSL.falseCondition());
  }

  /**
   * The closure with this digest; empty when it was never stored.
   *
   * @throws NewerFormatException when a newer version of the engine has stored the plan in another
   *     format
   */
  public Optional<ByteString> find(String digest) {
    return database
        .largeReads()
        .row(database.sql(), PLAN, PLAN.CLOSURE, PLAN.DIGEST.eq(digest))
        .map(PlanTables::closure);
  }

  private static ByteString closure(Record row) {
    var format = row.get(PLAN.FORMAT);
    if (format > FORMAT) {
      throw new NewerFormatException(NewerFormatException.Stored.PLAN, "format " + format);
    }
    return Rows.bytes(row.get(PLAN.CLOSURE));
  }

  /**
   * Deletes those of these plans that neither a workflow nor a dynamic node nor a resource refers
   * to; what an execution runs is the plan of a workflow or of a resource.
   *
   * <p>A transaction that is about to refer to a plan holds it. A statement that has waited for
   * that transaction does not see what it has written; so the first statement waits, and the second
   * looks. A transaction that comes later waits for this one, and then stores the plan again.
   */
  static void deleteUnused(DSLContext transaction, String... digests) {
    if (digests.length > 0 && holdsUnused(transaction, digests)) {
      transaction.deleteFrom(PLAN).where(isUnused(digests)).execute();
    }
  }

  private static boolean holdsUnused(DSLContext transaction, String... digests) {
    return !transaction
        .select(PLAN.DIGEST)
        .from(PLAN)
        .where(isUnused(digests))
        .orderBy(PLAN.DIGEST)
        .forUpdate()
        .fetch()
        .isEmpty();
  }

  private static Condition isUnused(String... digests) {
    return PLAN.DIGEST
        .eq(DSL.any(digests))
        .andNotExists(
            DSL.selectOne().from(DYNAMIC_PLAN).where(DYNAMIC_PLAN.PLAN_DIGEST.eq(PLAN.DIGEST)))
        .andNotExists(DSL.selectOne().from(WORKFLOW).where(WORKFLOW.DIGEST.eq(PLAN.DIGEST)))
        .andNotExists(
            DSL.selectOne()
                .from(FLYTE_WORKFLOW_RESOURCE)
                .where(FLYTE_WORKFLOW_RESOURCE.PLAN_DIGEST.eq(PLAN.DIGEST)));
  }
}
