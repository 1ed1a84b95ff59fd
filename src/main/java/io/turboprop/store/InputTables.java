package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** Reads the inputs of executions in the order of their creation, the newest first. */
public final class InputTables {
  private final Database database;

  public InputTables(Database database) {
    this.database = database;
  }

  /**
   * The inputs of an execution.
   *
   * @param literals a serialized {@code flyteidl.core.LiteralMap}; empty if the inputs are in the
   *     blob store, or larger than the caller wants to read
   */
  public record Inputs(long number, Instant acceptedAt, String name, ByteString literals) {}

  /**
   * The inputs of the newest executions of a domain, without archived ones.
   *
   * @param bytesMax the largest inputs to read
   */
  public List<Inputs> newest(String project, String domain, int bytesMax, int limit) {
    return read(DSL.noCondition(), project, domain, bytesMax, limit);
  }

  /** The inputs of the executions that are next after this one. */
  public List<Inputs> before(Inputs last, String project, String domain, int bytesMax, int limit) {
    return read(
        DSL.row(EXECUTION.ACCEPTED_AT, EXECUTION.NUMBER).lt(last.acceptedAt(), last.number()),
        project,
        domain,
        bytesMax,
        limit);
  }

  private List<Inputs> read(
      Condition position, String project, String domain, int bytesMax, int limit) {
    var given = DSL.coalesce(EXECUTION.USER_INPUTS, EXECUTION.INPUTS);
    var small = DSL.when(DSL.field("octet_length({0})", Integer.class, given).le(bytesMax), given);
    return database
        .sql()
        .select(EXECUTION.NUMBER, EXECUTION.ACCEPTED_AT, EXECUTION.NAME, small)
        .from(EXECUTION)
        .where(
            EXECUTION.PROJECT.eq(project),
            EXECUTION.DOMAIN.eq(domain),
            EXECUTION.STATE.eq(DSL.inline(0)),
            position)
        .orderBy(EXECUTION.ACCEPTED_AT.desc(), EXECUTION.NUMBER.desc())
        .limit(limit)
        .fetch(row ->
            new Inputs(
                row.value1(),
                row.value2(),
                row.value3(),
                row.value4() == null ? ByteString.EMPTY : Rows.bytes(row.value4())));
  }
}
