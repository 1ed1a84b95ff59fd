package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ATTEMPT;
import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTOR;

import com.google.protobuf.ByteString;
import com.zaxxer.hikari.HikariDataSource;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.AttemptTables.NodeToNotify;
import io.turboprop.store.AttemptTables.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Record2;
import org.jooq.Records;
import org.jooq.Select;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.types.DayToSecond;

/**
 * The executors and their leases, and the attempts that they run. An executor's session has one
 * lease: one row, whatever the number of attempts. The database's clock decides when the lease
 * ends. After that, any node may end the session's attempts; until a node has done so, or the
 * executor has begun its next session, the session may still change the rows of its attempts.
 */
public final class ExecutorTables implements AutoCloseable {
  private static final int QUEUED = State.QUEUED.number();
  private static final int LEASED = State.LEASED.number();
  private static final int ENDED = State.ENDED.number();

  private static final List<Field<?>> LEASED_COLUMNS =
      List.of(
          ATTEMPT.EXECUTION_NUMBER,
          ATTEMPT.NAME,
          ATTEMPT.PLUGIN,
          ATTEMPT.EAGER,
          ATTEMPT.REQUEST,
          ATTEMPT.TRANSITION);

  /**
   * The connections of an executor's own pool, so that the renewal of the lease never waits for a
   * connection.
   */
  private static final int OWN_CONNECTIONS = 3;

  private final DSLContext sql;
  private final Optional<HikariDataSource> pool;

  private ExecutorTables(DSLContext sql, Optional<HikariDataSource> pool) {
    this.sql = sql;
    this.pool = pool;
  }

  public ExecutorTables(Database database) {
    this(database.sql(), Optional.empty());
  }

  /**
   * The tables as an executor uses them, over connections that nothing else uses; to be closed by
   * the caller.
   */
  public static ExecutorTables withOwnConnections(Database database) {
    var pool = database.pool("executor", OWN_CONNECTIONS);
    return new ExecutorTables(Database.sql(pool), Optional.of(pool));
  }

  /** Closes the connections, if they are its own. */
  @Override
  public void close() {
    pool.ifPresent(HikariDataSource::close);
  }

  /**
   * A session of an executor: from its start to the end of its lease.
   *
   * @param node the identity of the executor's data folder
   */
  public record Session(String node, long number) {}

  /**
   * The key of an attempt that is leased to an executor: the execution's number and the attempt's
   * name.
   */
  public record LeasedKey(long execution, String name) {}

  /**
   * An attempt that is leased to an executor.
   *
   * @param eager whether the attempt needs no slot
   * @param transition the last status that was recorded; empty if there was none
   */
  public record Leased(
      LeasedKey key,
      String plugin,
      boolean eager,
      ByteString request,
      Optional<ByteString> transition) {}

  /**
   * A new session that took over the attempts of the executor's previous session.
   *
   * @param attempts the attempts, whose processes may still run
   */
  public record AdoptedSession(Session session, List<Leased> attempts) {}

  /**
   * A new session without attempts.
   *
   * @param lost the nodes whose attempts the previous session had; these attempts are ended
   */
  public record NewSession(Session session, List<NodeToNotify> lost) {}

  /**
   * Begins a session that takes over the attempts of the executor's previous session. If the lease
   * of the previous session is over, changes nothing and returns empty.
   *
   * @param node the identity of the executor's data folder, which no other process uses
   * @param address the address of the process's API, as {@code http://host:port}
   */
  public Optional<AdoptedSession> adopt(String node, String address, Duration lease) {
    return transaction(transaction -> {
      if (!isLeaseValid(transaction, node)) {
        return Optional.empty();
      }
      var session = new Session(node, nextSession(transaction, node, address, lease));
      return Optional.of(new AdoptedSession(session, adopt(transaction, session)));
    });
  }

  private static boolean isLeaseValid(DSLContext transaction, String node) {
    return transaction
        .select(DSL.field(EXECUTOR.LEASE_UNTIL.gt(Rows.NOW)))
        .from(EXECUTOR)
        .where(EXECUTOR.NODE.eq(node))
        .forUpdate()
        .fetchOptional()
        .filter(Record1::value1)
        .isPresent();
  }

  /**
   * Begins a session of an executor, and ends the attempts of the previous session as lost. Before
   * this call, the caller must have killed their processes: as soon as an attempt has ended, its
   * next attempt may start on another machine.
   *
   * @param node the identity of the executor's data folder, which no other process uses
   * @param address the address of the process's API, as {@code http://host:port}
   */
  public NewSession begin(String node, String address, Duration lease) {
    return transaction(transaction -> {
      var session = new Session(node, nextSession(transaction, node, address, lease));
      return new NewSession(session, endAllAsLost(transaction, node));
    });
  }

  /**
   * Ends the lease of a session, and its attempts as lost. Before this call, the caller must have
   * killed their processes.
   *
   * @return the nodes whose attempts have ended; none if another session has begun
   */
  public List<NodeToNotify> release(Session session) {
    return transaction(transaction -> {
      var released =
          transaction
              .update(EXECUTOR)
              .set(EXECUTOR.LEASE_UNTIL, Rows.NOW)
              .where(EXECUTOR.NODE.eq(session.node()), EXECUTOR.SESSION.eq(session.number()))
              .execute();
      return released == 1 ? endAllAsLost(transaction, session.node()) : List.of();
    });
  }

  private <T> T transaction(Function<DSLContext, T> work) {
    try {
      return sql.transactionResult(transaction -> work.apply(transaction.dsl()));
    } catch (DataAccessException e) {
      throw DatabaseFailures.of(e);
    }
  }

  private static long nextSession(
      DSLContext transaction, String node, String address, Duration lease) {
    return transaction
        .insertInto(EXECUTOR)
        .set(EXECUTOR.NODE, node)
        .set(EXECUTOR.ADDRESS, address)
        .set(EXECUTOR.LEASE_UNTIL, after(lease))
        .onConflict(EXECUTOR.NODE)
        .doUpdate()
        .set(EXECUTOR.SESSION, EXECUTOR.SESSION.plus(1))
        .set(EXECUTOR.ADDRESS, DSL.excluded(EXECUTOR.ADDRESS))
        .set(EXECUTOR.LEASE_UNTIL, DSL.excluded(EXECUTOR.LEASE_UNTIL))
        .returningResult(EXECUTOR.SESSION)
        .fetchSingle()
        .value1();
  }

  private static List<Leased> adopt(DSLContext transaction, Session session) {
    return transaction
        .update(ATTEMPT)
        .set(ATTEMPT.SESSION, session.number())
        .where(ATTEMPT.STATE.eq(LEASED), ATTEMPT.EXECUTOR.eq(session.node()))
        .returningResult(LEASED_COLUMNS)
        .fetch(ExecutorTables::leased);
  }

  private static List<NodeToNotify> endAllAsLost(DSLContext transaction, String node) {
    return transaction
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, ENDED)
        .set(ATTEMPT.CHANGED_AT, Rows.NOW)
        .from(EXECUTION)
        .where(
            ATTEMPT.STATE.eq(LEASED),
            ATTEMPT.EXECUTOR.eq(node),
            EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .returningResult(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, ATTEMPT.PATH)
        .fetch(Records.mapping(NodeToNotify::of));
  }

  /**
   * Extends the lease of a session.
   *
   * @return true if the lease was extended; false if it had already ended
   */
  public boolean renew(Session session, Duration lease) {
    return sql.update(EXECUTOR)
            .set(EXECUTOR.LEASE_UNTIL, after(lease))
            .where(isValid(session))
            .execute()
        == 1;
  }

  /**
   * Leases queued attempts to a session, the earliest due first; none if the session's lease has
   * ended.
   *
   * @param plugin the id of the plugin that runs the attempts
   * @param limit the most attempts to take that need a slot
   * @param eagerLimit the most attempts to take that need no slot
   */
  public List<Leased> pull(Session session, String plugin, int limit, int eagerLimit) {
    var next = DSL.name("next").asMaterialized(queued(plugin, false, limit));
    var eager = DSL.name("eager_next").asMaterialized(queued(plugin, true, eagerLimit));
    var both = DSL.selectFrom(next).unionAll(DSL.selectFrom(eager)).asTable("both");
    return sql.with(next, eager)
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, LEASED)
        .set(ATTEMPT.EXECUTOR, session.node())
        .set(ATTEMPT.SESSION, session.number())
        .set(ATTEMPT.CHANGED_AT, Rows.NOW)
        .from(both)
        .where(
            ATTEMPT.EXECUTION_NUMBER.eq(both.field(ATTEMPT.EXECUTION_NUMBER)),
            ATTEMPT.NAME.eq(both.field(ATTEMPT.NAME)))
        .andExists(DSL.selectOne().from(EXECUTOR).where(isValid(session)))
        .returningResult(LEASED_COLUMNS)
        .fetch(ExecutorTables::leased);
  }

  private static Select<Record2<Long, String>> queued(String plugin, boolean eager, int limit) {
    return DSL.select(ATTEMPT.EXECUTION_NUMBER, ATTEMPT.NAME)
        .from(ATTEMPT)
        .where(ATTEMPT.STATE.eq(QUEUED), ATTEMPT.PLUGIN.eq(plugin), ATTEMPT.EAGER.eq(eager))
        .orderBy(ATTEMPT.DUE_BY, ATTEMPT.POSITION, ATTEMPT.EXECUTION_NUMBER)
        .limit(limit)
        .forUpdate()
        .skipLocked();
  }

  /** The attempts that belong to a session. */
  public List<Leased> leased(Session session) {
    return sql.select(LEASED_COLUMNS)
        .from(ATTEMPT)
        .where(
            ATTEMPT.STATE.eq(LEASED),
            ATTEMPT.EXECUTOR.eq(session.node()),
            ATTEMPT.SESSION.eq(session.number()))
        .fetch(ExecutorTables::leased);
  }

  /**
   * The address of the executor to which the attempt is or was last leased, as {@code
   * http://host:port}. Empty if the attempt was never leased, or if that executor's lease is over:
   * another process may use the address by now.
   */
  public Optional<String> addressOf(AttemptTables.Key attempt) {
    return sql.select(EXECUTOR.ADDRESS)
        .from(ATTEMPT)
        .join(EXECUTOR)
        .on(EXECUTOR.NODE.eq(ATTEMPT.EXECUTOR))
        .where(AttemptTables.is(attempt), EXECUTOR.LEASE_UNTIL.gt(Rows.NOW))
        .fetchOptional(EXECUTOR.ADDRESS);
  }

  /** Which of these executions exist. */
  public Set<ExecutionId> existing(Collection<ExecutionId> executions) {
    return executions.isEmpty()
        ? Set.of()
        : sql.select(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
            .from(EXECUTION)
            .where(
                DSL.row(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
                    .in(
                        executions.stream()
                            .map(id -> DSL.row(id.project(), id.domain(), id.name()))
                            .toList()))
            .fetchSet(Records.mapping(ExecutionId::new));
  }

  /** The attempts of a session that their owners have aborted. */
  public List<LeasedKey> aborted(Session session) {
    return sql.select(ATTEMPT.EXECUTION_NUMBER, ATTEMPT.NAME)
        .from(ATTEMPT)
        .where(
            ATTEMPT.STATE.eq(LEASED),
            ATTEMPT.EXECUTOR.eq(session.node()),
            ATTEMPT.SESSION.eq(session.number()))
        .and(ATTEMPT.ABORT_REQUESTED)
        .fetch(row -> new LeasedKey(row.value1(), row.value2()));
  }

  /**
   * Records the status of an attempt that goes on.
   *
   * @return whether the attempt still belongs to the session
   */
  public boolean record(Session session, LeasedKey key, ByteString transition) {
    return sql.update(ATTEMPT)
            .set(ATTEMPT.TRANSITION, transition.toByteArray())
            .set(ATTEMPT.CHANGED_AT, Rows.NOW)
            .where(belongs(key, session))
            .execute()
        == 1;
  }

  /**
   * Records the end of an attempt.
   *
   * @return whether the attempt still belonged to the session
   */
  public boolean end(Session session, LeasedKey key, ByteString transition) {
    return sql.update(ATTEMPT)
            .set(ATTEMPT.STATE, ENDED)
            .set(ATTEMPT.TRANSITION, transition.toByteArray())
            .set(ATTEMPT.CHANGED_AT, Rows.NOW)
            .where(belongs(key, session))
            .execute()
        == 1;
  }

  /**
   * Records that an aborted attempt has been stopped.
   *
   * @return whether the attempt still belonged to the session
   */
  public boolean endAborted(Session session, LeasedKey key) {
    return sql.update(ATTEMPT)
            .set(ATTEMPT.STATE, ENDED)
            .set(ATTEMPT.CHANGED_AT, Rows.NOW)
            .where(belongs(key, session))
            .execute()
        == 1;
  }

  /** The node that an attempt belongs to; empty if the attempt has been deleted. */
  public Optional<NodeToNotify> owner(LeasedKey key) {
    return sql.select(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, ATTEMPT.PATH)
        .from(ATTEMPT)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .where(ATTEMPT.EXECUTION_NUMBER.eq(key.execution()), ATTEMPT.NAME.eq(key.name()))
        .fetchOptional(Records.mapping(NodeToNotify::of));
  }

  private static Condition belongs(LeasedKey key, Session session) {
    return ATTEMPT
        .EXECUTION_NUMBER
        .eq(key.execution())
        .and(ATTEMPT.NAME.eq(key.name()))
        .and(ATTEMPT.STATE.eq(LEASED))
        .and(ATTEMPT.EXECUTOR.eq(session.node()))
        .and(ATTEMPT.SESSION.eq(session.number()));
  }

  private static Condition isValid(Session session) {
    return EXECUTOR
        .NODE
        .eq(session.node())
        .and(EXECUTOR.SESSION.eq(session.number()))
        .and(EXECUTOR.LEASE_UNTIL.gt(Rows.NOW));
  }

  private static Field<Instant> after(Duration lease) {
    return Rows.NOW.add(DayToSecond.valueOf(lease));
  }

  private static Leased leased(Record row) {
    return new Leased(
        new LeasedKey(row.get(ATTEMPT.EXECUTION_NUMBER), row.get(ATTEMPT.NAME)),
        row.get(ATTEMPT.PLUGIN),
        row.get(ATTEMPT.EAGER),
        Rows.bytes(row.get(ATTEMPT.REQUEST)),
        Optional.ofNullable(row.get(ATTEMPT.TRANSITION)).map(Rows::bytes));
  }
}
