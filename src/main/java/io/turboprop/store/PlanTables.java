package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.util.Optional;
import org.jooq.DSLContext;

/** Compiled workflows by digest; what is there never changes. */
public final class PlanTables {
  /**
   * Stores the closure with a digest, unless it is there. One that is there is held until the end
   * of the transaction, so that it is not deleted before the transaction refers to it.
   */
  static final String STORE = storing("values (?, ?)");

  private static final String UNUSED =
      """
      plan.digest = any (?)
      and not exists (select from dynamic_plan where plan_digest = plan.digest)
      and not exists (select from workflow where workflow.digest = plan.digest)
      """;

  private static final String HOLD_UNUSED =
      "select digest from plan where " + UNUSED + "order by digest for update";

  private static final String DELETE_UNUSED = "delete from plan where " + UNUSED;

  private final Database database;

  public PlanTables(Database database) {
    this.database = database;
  }

  /**
   * As {@link #STORE}.
   *
   * @param rows an expression in SQL: digests and closures
   */
  static String storing(String rows) {
    return """
    insert into plan as known (digest, closure) %s
    on conflict (digest) do update set closure = known.closure where false
    """
        .formatted(rows);
  }

  /** The closure with this digest; empty when it was never stored. */
  public Optional<ByteString> find(String digest) {
    return database
        .sql()
        .fetchOptional("select closure from plan where digest = ?", digest)
        .map(row -> ByteString.copyFrom(row.get(0, byte[].class)));
  }

  /**
   * Deletes those of these plans that neither a workflow nor a dynamic node refers to; what an
   * execution runs is the plan of a workflow.
   *
   * <p>Whoever is about to refer to a plan holds it. A statement that has waited for him does not
   * see what he has written; so the first one waits, and the second looks. Who comes after that
   * waits for this transaction, and then stores the plan again.
   */
  static void deleteUnused(DSLContext transaction, String... digests) {
    if (digests.length > 0 && !transaction.fetch(HOLD_UNUSED, (Object) digests).isEmpty()) {
      transaction.execute(DELETE_UNUSED, (Object) digests);
    }
  }
}
