package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTION_TAG;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.store.AcceptanceStatement.Answer;
import io.turboprop.store.RequestBatcher.Bounds;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** Accepts executions: every row in their table will be executed. */
public final class AcceptanceTables {
  /**
   * The longest that a caller waits for concurrent acceptances of the same launch plan, which take
   * some milliseconds each. A waiting caller occupies a connection.
   */
  private static final Duration LOCK_WAIT_MAX = Duration.ofSeconds(2);

  /** The SQLSTATE of a statement that has waited longer. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Waiting requests have no limit here: the API limits the memory that they take. */
  private static final Bounds BATCHES =
      new Bounds(64, 4 << 20, 2, Integer.MAX_VALUE, Long.MAX_VALUE);

  private final Database database;

  /** Executions that are accepted at the same time share a statement and a commit. */
  private final RequestBatcher<NewExecution, Answer> acceptances =
      new RequestBatcher<>(
          this::insert,
          AcceptanceTables::bytes,
          BATCHES,
          batch -> Thread.ofVirtual().name("acceptance").start(batch));

  public AcceptanceTables(Database database) {
    this.database = database;
  }

  /** The result of accepting an execution of a launch plan that limits its open executions. */
  public sealed interface Acceptance {

    /**
     * @param execution empty when there is one of this name already; nothing is changed then
     */
    record Decided(Optional<AcceptedExecution> execution) implements Acceptance {}

    /** The launch plan has reached its limit of open executions; nothing is changed. */
    record LimitReached() implements Acceptance {}

    /** A concurrent acceptance for the launch plan took too long; nothing is changed. */
    record HeldUp() implements Acceptance {}
  }

  /** The eager task that starts the execution is being aborted, or its execution has ended. */
  public static final class StarterEndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StarterEndedException(String starter) {
      super(
          "execution %s, whose eager task starts this one, has ended or is being aborted"
              .formatted(starter));
    }
  }

  /**
   * Accepts an execution. When this returns, the execution is durable and will be executed.
   *
   * @return empty when there is one of this name already; nothing is changed then
   * @throws StarterEndedException when an eager task starts it and must not start any more; nothing
   *     is changed then
   * @throws DeletionUnderWayException when files of an old execution are being deleted that the
   *     execution would share; nothing is changed then
   */
  public Optional<AcceptedExecution> accept(NewExecution execution) {
    return execution.tags().isEmpty()
        ? acceptWithOthers(execution)
        : database.transaction(transaction -> accept(transaction, execution));
  }

  /**
   * Accepts an execution if fewer than {@code notEndedMax} executions of its launch plan, of any
   * version, are under way. Concurrent callers for the same launch plan take turns; none waits
   * longer than {@link #LOCK_WAIT_MAX}.
   *
   * @throws StarterEndedException as {@link #accept}
   * @throws DeletionUnderWayException as {@link #accept}
   */
  public Acceptance acceptOneOf(long notEndedMax, NewExecution execution) {
    try {
      return database.transaction(transaction -> acceptOneOf(transaction, notEndedMax, execution));
    } catch (DatabaseOutageException e) {
      if (e.getCause() instanceof SQLException failure
          && LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
        return new Acceptance.HeldUp();
      }
      throw e;
    }
  }

  private static Acceptance acceptOneOf(
      DSLContext transaction, long notEndedMax, NewExecution execution) {
    lock(transaction, execution.launched());
    return notEnded(transaction, execution.launched()) >= notEndedMax
        ? new Acceptance.LimitReached()
        : new Acceptance.Decided(accept(transaction, execution));
  }

  /** Makes concurrent acceptances of the launch plan wait until this transaction has ended. */
  private static void lock(DSLContext transaction, EntityId launchPlan) {
    var name =
        "launch plan "
            + String.join(":", launchPlan.project(), launchPlan.domain(), launchPlan.name());
    transaction
        .select(
            DSL.function(
                "set_config",
                String.class,
                DSL.val("lock_timeout"),
                DSL.val(Long.toString(LOCK_WAIT_MAX.toMillis())),
                DSL.val(true)))
        .execute();
    transaction
        .select(
            DSL.function(
                "pg_advisory_xact_lock",
                Object.class,
                DSL.function("hashtextextended", Long.class, DSL.val(name), DSL.val(0L))))
        .execute();
  }

  /** Accepts an execution in a transaction; as {@link #accept(NewExecution)}. */
  static Optional<AcceptedExecution> accept(DSLContext sql, NewExecution execution) {
    execution.eagerStarter().ifPresent(starter -> requireGoingOn(sql, execution.id(), starter));
    var answer =
        sql.connectionResult(
                connection -> AcceptanceStatement.insert(connection, List.of(execution)))
            .getFirst();
    var accepted = accepted(execution, answer);
    accepted.ifPresent(row -> insertTags(sql, row.number(), execution.tags()));
    return accepted;
  }

  /**
   * Locks the row of the eager task's execution until this transaction has ended. So an abort comes
   * either before, and is seen here, or after, and finds the new execution by its label.
   */
  private static void requireGoingOn(DSLContext transaction, ExecutionId started, String starter) {
    var ended =
        transaction
            .select(DSL.field(EXECUTION.ABORT_REQUESTED_AT.isNotNull().or(EXECUTION.FINAL)))
            .from(EXECUTION)
            .where(
                EXECUTION.PROJECT.eq(started.project()),
                EXECUTION.DOMAIN.eq(started.domain()),
                EXECUTION.NAME.eq(starter))
            .forShare()
            .fetchOptional();
    if (ended.isPresent() && ended.get().value1()) {
      throw new StarterEndedException(starter);
    }
  }

  private List<Answer> insert(List<NewExecution> executions) throws SQLException {
    try (var connection = database.dataSource().getConnection()) {
      return AcceptanceStatement.insert(connection, executions);
    }
  }

  private Optional<AcceptedExecution> acceptWithOthers(NewExecution execution) {
    try {
      return accepted(execution, acceptances.call(execution));
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private static long bytes(NewExecution execution) {
    return execution.spec().size()
        + bytes(execution.inputs())
        + (execution.userInputs() instanceof Values values ? bytes(values) : 0L);
  }

  private static long bytes(Values values) {
    return values instanceof Values.Inline(var literals) ? literals.sizeBytes() : 0;
  }

  private static void insertTags(DSLContext sql, long number, List<NewExecution.Tag> tags) {
    if (!tags.isEmpty()) {
      var rows =
          tags.stream()
              .map(tag -> DSL.row(number, Rows.withoutNul(tag.key()), Rows.withoutNul(tag.value())))
              .distinct()
              .toList();
      sql.insertInto(
              EXECUTION_TAG, EXECUTION_TAG.EXECUTION_NUMBER, EXECUTION_TAG.KEY, EXECUTION_TAG.VALUE)
          .valuesOfRows(rows)
          .onConflictDoNothing()
          .execute();
    }
  }

  private static Optional<AcceptedExecution> accepted(NewExecution execution, Answer answer) {
    return switch (answer) {
      case Answer.Accepted(var number) -> Optional.of(accepted(execution, number));
      case Answer.NameTaken _ -> Optional.empty();
      case Answer.DeletionUnderWay _ -> throw new DeletionUnderWayException(execution.id());
    };
  }

  private static AcceptedExecution accepted(NewExecution execution, long number) {
    return new AcceptedExecution(
        execution.id(),
        number,
        execution.planDigest(),
        execution.inputs(),
        execution.settings(),
        execution.spec(),
        execution.acceptedAt(),
        0,
        List.of());
  }

  /** How many executions of a launch plan, of any version, have not ended. */
  public long notEnded(EntityId launchPlan) {
    return notEnded(database.sql(), launchPlan);
  }

  private static long notEnded(DSLContext sql, EntityId launchPlan) {
    return sql.fetchCount(
        EXECUTION,
        EXECUTION.LAUNCH_PROJECT.eq(launchPlan.project()),
        EXECUTION.LAUNCH_DOMAIN.eq(launchPlan.domain()),
        EXECUTION.LAUNCH_NAME.eq(launchPlan.name()),
        DSL.not(DSL.condition(EXECUTION.FINAL)),
        EXECUTION.LAUNCH_KIND.eq(DSL.inline(EntityId.Kind.LAUNCH_PLAN.number())));
  }
}
