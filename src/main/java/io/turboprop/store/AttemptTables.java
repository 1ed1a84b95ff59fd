package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ATTEMPT;
import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTOR;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record1;
import org.jooq.Records;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jooq.types.DayToSecond;

/**
 * The attempts of tasks that executors run, for the owners of their executions; {@link
 * ExecutorTables} is for the executors. All times are the database's.
 */
public final class AttemptTables {
  private static final int QUEUED = State.QUEUED.number();
  private static final int LEASED = State.LEASED.number();
  private static final int ENDED = State.ENDED.number();
  private static final int FINISHED = State.FINISHED.number();

  private final Database database;

  public AttemptTables(Database database) {
    this.database = database;
  }

  /** The life of an attempt; the numbers are stored. */
  public enum State {
    /** The attempt waits for an executor. */
    QUEUED(0),
    /** The attempt is leased to an executor. */
    LEASED(1),
    /** No process of the attempt runs any more. */
    ENDED(2),
    /** The owner has recorded the end. */
    FINISHED(3);

    private final int number;

    State(int number) {
      this.number = number;
    }

    /** The number of the state in rows and messages; it never changes. */
    public int number() {
      return number;
    }

    /**
     * The constant of a stored number.
     *
     * @throws IllegalArgumentException when this version does not know the number
     */
    public static State of(int number) {
      for (var known : values()) {
        if (known.number == number) {
          return known;
        }
      }
      throw new IllegalArgumentException("unknown state of an attempt: " + number);
    }
  }

  /**
   * Identifies an attempt.
   *
   * @param name unique within the execution
   */
  public record Key(ExecutionId execution, String name) {}

  /**
   * An attempt to be run.
   *
   * @param path the node whose owner is notified when the attempt changes
   * @param plugin the id of the plugin that runs the attempt
   * @param eager whether the attempt needs no slot
   * @param dueBy the earliest due attempt is run first
   * @param position the order among attempts that are due at the same time
   */
  public record NewAttempt(
      Key key,
      NodePath path,
      String plugin,
      boolean eager,
      Instant dueBy,
      int position,
      ByteString request) {}

  /**
   * The recorded state of an attempt.
   *
   * @param abortRequested whether the owner wants the attempt to be stopped
   * @param transition the last status that the executor has recorded; of an ended attempt, its end,
   *     unless the attempt was aborted or its executor was lost
   */
  public record Status(State state, boolean abortRequested, Optional<ByteString> transition) {}

  /**
   * An attempt that is leased to an executor.
   *
   * @param executor the address of the executor's API
   */
  public record Holder(ExecutionId execution, NodePath path, String executor) {}

  /**
   * The place of a queued attempt in the queue of its plugin; attempts that need no slot do not
   * count.
   *
   * @param ahead how many attempts are pulled before this one
   * @param queued how many attempts are queued, this one included
   * @param leased how many attempts are leased to executors
   * @param holders the first of the leased attempts
   */
  public record Place(int ahead, int queued, int leased, List<Holder> holders) {}

  /** A node whose owner has to be notified that an attempt has changed. */
  public record NodeToNotify(ExecutionId execution, NodePath path) {
    static NodeToNotify of(String project, String domain, String name, String path) {
      return new NodeToNotify(new ExecutionId(project, domain, name), new NodePath(path));
    }
  }

  /**
   * Queues an attempt; does nothing if the attempt was queued before, or if the execution has
   * ended.
   *
   * @return whether the attempt was queued by this call
   */
  public boolean enqueue(NewAttempt attempt) {
    return database
            .sql()
            .insertInto(
                ATTEMPT,
                ATTEMPT.EXECUTION_NUMBER,
                ATTEMPT.NAME,
                ATTEMPT.PATH,
                ATTEMPT.PLUGIN,
                ATTEMPT.EAGER,
                ATTEMPT.DUE_BY,
                ATTEMPT.POSITION,
                ATTEMPT.REQUEST)
            .select(
                DSL.select(
                        EXECUTION.NUMBER,
                        DSL.val(attempt.key().name()),
                        DSL.val(attempt.path().text()),
                        DSL.val(attempt.plugin()),
                        DSL.val(attempt.eager()),
                        DSL.val(attempt.dueBy()),
                        DSL.val(attempt.position()),
                        DSL.val(attempt.request().toByteArray()))
                    .from(EXECUTION)
                    .where(is(attempt.key().execution()))
                    .andNot(EXECUTION.FINAL))
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  /** The status of an attempt; empty if it was never queued. */
  public Optional<Status> find(Key key) {
    return database
        .sql()
        .select(ATTEMPT.STATE, ATTEMPT.ABORT_REQUESTED, ATTEMPT.TRANSITION)
        .from(ATTEMPT)
        .where(is(key))
        .fetchOptional(row ->
            new Status(
                State.of(row.value1()),
                row.value2(),
                Optional.ofNullable(row.value3()).map(Rows::bytes)));
  }

  /**
   * The place of an attempt in the queue; empty if it is not queued. The cost grows with the length
   * of the queue.
   *
   * @param limit how many holders to name
   */
  public Optional<Place> place(Key key, int limit) {
    var own = ATTEMPT.as("own");
    var alike = ATTEMPT.PLUGIN.eq(own.PLUGIN).and(ATTEMPT.EAGER.eq(own.EAGER));
    var queued = alike.and(ATTEMPT.STATE.eq(QUEUED));
    var ahead =
        DSL.row(ATTEMPT.DUE_BY, ATTEMPT.POSITION, ATTEMPT.EXECUTION_NUMBER)
            .lt(own.DUE_BY, own.POSITION, own.EXECUTION_NUMBER);
    return database
        .sql()
        .select(
            DSL.field(DSL.selectCount().from(ATTEMPT).where(queued, ahead)),
            DSL.field(DSL.selectCount().from(ATTEMPT).where(queued)),
            DSL.field(DSL.selectCount().from(ATTEMPT).where(alike.and(ATTEMPT.STATE.eq(LEASED)))),
            own.PLUGIN,
            own.EAGER)
        .from(own)
        .where(
            own.EXECUTION_NUMBER.eq(number(key.execution())),
            own.NAME.eq(key.name()),
            own.STATE.eq(QUEUED))
        .fetchOptional(row ->
            new Place(
                row.value1(),
                row.value2(),
                row.value3(),
                holders(row.value4(), row.value5(), limit)));
  }

  private List<Holder> holders(String plugin, boolean eager, int limit) {
    return database
        .sql()
        .select(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, ATTEMPT.PATH, EXECUTOR.ADDRESS)
        .from(ATTEMPT)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .join(EXECUTOR)
        .on(EXECUTOR.NODE.eq(ATTEMPT.EXECUTOR))
        .where(ATTEMPT.STATE.eq(LEASED), ATTEMPT.PLUGIN.eq(plugin), ATTEMPT.EAGER.eq(eager))
        .orderBy(ATTEMPT.CHANGED_AT)
        .limit(limit)
        .fetch(row ->
            new Holder(
                new ExecutionId(row.value1(), row.value2(), row.value3()),
                new NodePath(row.value4()),
                row.value5()));
  }

  /**
   * Ends a queued attempt; asks the executor of a leased attempt to stop it.
   *
   * @return the state afterwards; empty if the attempt was never queued
   */
  public Optional<State> abort(Key key) {
    var queued = ATTEMPT.STATE.eq(QUEUED);
    database
        .sql()
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, DSL.when(queued, ENDED).otherwise(LEASED))
        .set(ATTEMPT.ABORT_REQUESTED, true)
        .where(is(key), ATTEMPT.STATE.in(QUEUED, LEASED))
        .andNot(ATTEMPT.ABORT_REQUESTED)
        .execute();
    return find(key).map(Status::state);
  }

  /** Records that the owner of an ended attempt has recorded its end. */
  public void finish(Key key) {
    database
        .sql()
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, FINISHED)
        .setNull(ATTEMPT.REQUEST)
        .setNull(ATTEMPT.TRANSITION)
        .where(is(key), ATTEMPT.STATE.eq(ENDED))
        .execute();
  }

  /**
   * Ends the attempts of executors whose lease is over, and the attempts of earlier sessions of an
   * executor. An attempt of an earlier session runs nowhere: a pull of that session was committed
   * only after the next session had begun and had ended the attempts that it saw, so no executor
   * got the answer. The row of the executor is locked first, so that no renewal and no begin of a
   * session that is under way at the same time can succeed.
   */
  public List<NodeToNotify> endLost() {
    var isOver = DSL.field(EXECUTOR.LEASE_UNTIL.le(Rows.NOW)).as("is_over");
    var lost =
        DSL.name("lost")
            .as(
                DSL.select(EXECUTOR.NODE, EXECUTOR.SESSION, isOver)
                    .from(EXECUTOR)
                    .whereExists(
                        DSL.selectOne()
                            .from(ATTEMPT)
                            .where(
                                ATTEMPT.STATE.eq(LEASED),
                                ATTEMPT.EXECUTOR.eq(EXECUTOR.NODE),
                                EXECUTOR
                                    .LEASE_UNTIL
                                    .le(Rows.NOW)
                                    .or(ATTEMPT.SESSION.ne(EXECUTOR.SESSION))))
                    .forUpdate()
                    .skipLocked());
    return database
        .sql()
        .with(lost)
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, ENDED)
        .set(ATTEMPT.CHANGED_AT, Rows.NOW)
        .from(lost, EXECUTION)
        .where(
            ATTEMPT.STATE.eq(LEASED),
            ATTEMPT.EXECUTOR.eq(lost.field(EXECUTOR.NODE)),
            EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .and(DSL.condition(lost.field(isOver)).or(ATTEMPT.SESSION.ne(lost.field(EXECUTOR.SESSION))))
        .returningResult(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, ATTEMPT.PATH)
        .fetch(Records.mapping(NodeToNotify::of));
  }

  /**
   * The nodes whose attempt has changed and whose owners may not know it, because the message to
   * them was lost. The latest change comes first.
   *
   * @param age younger changes are left out: their messages may still be under way
   * @param started older starts of attempts are left out
   * @param ended older ends of attempts that are not finished are left out
   */
  public List<NodeToNotify> nodesToNotify(
      Duration age, Duration started, Duration ended, int limit) {
    return database
        .sql()
        .select(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME, ATTEMPT.PATH)
        .from(ATTEMPT)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .where(
            ATTEMPT.CHANGED_AT.le(ago(age)),
            ATTEMPT
                .STATE
                .eq(ENDED)
                .and(ATTEMPT.CHANGED_AT.gt(ago(ended)))
                .or(ATTEMPT.STATE.eq(LEASED).and(ATTEMPT.CHANGED_AT.gt(ago(started)))))
        .orderBy(ATTEMPT.CHANGED_AT.desc())
        .limit(limit)
        .fetch(Records.mapping(NodeToNotify::of));
  }

  /** How many attempts wait for an executor. */
  public int queued() {
    return database.sql().fetchCount(ATTEMPT, ATTEMPT.STATE.eq(QUEUED));
  }

  /**
   * Stops and finishes the attempts of executions that have ended. A former owner, which had lost
   * the execution, may have queued such attempts.
   *
   * @param age attempts with a younger last change are left out
   */
  public void endAbandoned(Duration age) {
    database
        .sql()
        .update(ATTEMPT)
        .set(ATTEMPT.STATE, DSL.when(ATTEMPT.STATE.eq(LEASED), LEASED).otherwise(FINISHED))
        .set(ATTEMPT.ABORT_REQUESTED, true)
        .set(ATTEMPT.REQUEST, DSL.when(ATTEMPT.STATE.eq(LEASED), ATTEMPT.REQUEST))
        .from(EXECUTION)
        .where(
            ATTEMPT.STATE.in(QUEUED, LEASED, ENDED),
            ATTEMPT.CHANGED_AT.le(ago(age)),
            EXECUTION.NUMBER.eq(ATTEMPT.EXECUTION_NUMBER))
        .and(EXECUTION.FINAL)
        .execute();
  }

  private static Field<Instant> ago(Duration age) {
    return Rows.NOW.sub(DayToSecond.valueOf(age));
  }

  private static Condition is(ExecutionId execution) {
    return EXECUTION
        .PROJECT
        .eq(execution.project())
        .and(EXECUTION.DOMAIN.eq(execution.domain()))
        .and(EXECUTION.NAME.eq(execution.name()));
  }

  static Condition is(Key key) {
    return ATTEMPT.EXECUTION_NUMBER.eq(number(key.execution())).and(ATTEMPT.NAME.eq(key.name()));
  }

  private static Select<Record1<Long>> number(ExecutionId execution) {
    return DSL.select(EXECUTION.NUMBER).from(EXECUTION).where(is(execution));
  }
}
