package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.state.ExecutionSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How executions are accepted: what is in their table will be executed. */
public final class AcceptanceTables {
  private static final String INSERT =
      """
      insert into execution (
        project, domain, name, plan_digest,
        launch_kind, launch_project, launch_domain, launch_name, launch_version,
        workflow_project, workflow_domain, workflow_name, workflow_version,
        spec, inputs, inputs_uri, user_inputs, user_inputs_uri,
        mode, principal, parent_number, parent_node_id, parent_path, parent_attempt, source_number,
        parallelism_max, interruptible, system_retries_max, attempts_max_default,
        back_off_min_ms, back_off_max_ms, inline_bytes_max, elements_max, looks_for_recovery,
        accepted_at, updated_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (project, domain, name) do nothing
      returning number
      """;

  private static final String INSERT_WITH_TAGS =
      """
      with accepted as (%s), tagged as (
        insert into execution_tag (execution_number, key, value)
        select distinct accepted.number, t.key, t.value
        from accepted, unnest(?::text[], ?::text[]) as t(key, value))
      select number from accepted
      """
          .formatted(INSERT);

  private static final String NOT_ENDED =
      """
      select count(*) as number from execution
      where launch_project = ? and launch_domain = ? and launch_name = ?
        and not final and launch_kind = 3
      """;

  /**
   * The longest that one who is to be accepted waits for those before it; each of them takes some
   * milliseconds. Meanwhile it has a connection that others want.
   */
  private static final Duration LOCK_WAIT_MAX = Duration.ofSeconds(2);

  /** For this transaction; milliseconds. */
  private static final String LOCK_TIMEOUT =
      "select set_config('lock_timeout', '" + LOCK_WAIT_MAX.toMillis() + "', true)";

  /** The SQL state of a statement that has waited longer. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Whoever asks at the same moment waits until this transaction has ended. */
  private static final String ONE_AT_A_TIME =
      "select pg_advisory_xact_lock(hashtextextended('launch plan ' || ?, 0))";

  private final Statements statements;

  public AcceptanceTables(Database database) {
    this.statements = new Statements(database);
  }

  /** What becomes of an execution of a launch plan that limits how many there are. */
  public sealed interface Acceptance {

    /**
     * @param execution empty when there is one of this name already; nothing is changed then
     */
    record Decided(Optional<AcceptedExecution> execution) implements Acceptance {}

    /** So many have not ended; nothing is changed. */
    record LimitReached() implements Acceptance {}

    /** Another one is being accepted, and takes too long; nothing is changed. */
    record HeldUp() implements Acceptance {}
  }

  /**
   * Accepts an execution: when this returns, it will be executed, whatever happens.
   *
   * @return empty when there is one of this name already; nothing is changed then
   */
  public Optional<AcceptedExecution> accept(NewExecution execution) {
    return accepted(
        execution,
        statements.list(insert(execution), parameters(execution), row -> row.number("number")));
  }

  /**
   * Accepts an execution if there are fewer of its launch plan, of any version, that have not
   * ended. Of those that are to be accepted at the same moment one comes after the other, and none
   * waits for long.
   */
  public Acceptance acceptOneOf(long notEndedMax, NewExecution execution) {
    try {
      return statements.transaction(connection -> acceptOneOf(connection, notEndedMax, execution));
    } catch (DatabaseOutageException e) {
      if (e.getCause() instanceof SQLException failure
          && LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
        return new Acceptance.HeldUp();
      }
      throw e;
    }
  }

  private static Acceptance acceptOneOf(
      Connection connection, long notEndedMax, NewExecution execution) throws SQLException {
    var launchPlan = execution.launched();
    Statements.list(connection, LOCK_TIMEOUT, _ -> {}, _ -> 0);
    Statements.list(
        connection,
        ONE_AT_A_TIME,
        Statements.Parameters.of(
            String.join(":", launchPlan.project(), launchPlan.domain(), launchPlan.name())),
        _ -> 0);
    var notEnded =
        Statements.list(connection, NOT_ENDED, named(launchPlan), row -> row.number("number"));
    return notEnded.getFirst() >= notEndedMax
        ? new Acceptance.LimitReached()
        : new Acceptance.Decided(
            accepted(
                execution,
                Statements.list(
                    connection,
                    insert(execution),
                    parameters(execution),
                    row -> row.number("number"))));
  }

  private static String insert(NewExecution execution) {
    return execution.tags().isEmpty() ? INSERT : INSERT_WITH_TAGS;
  }

  /**
   * @param numbers that of the row that was inserted, if it was
   */
  private static Optional<AcceptedExecution> accepted(NewExecution execution, List<Long> numbers) {
    return numbers.stream()
        .findFirst()
        .map(number ->
            new AcceptedExecution(
                execution.id(),
                number,
                execution.planDigest(),
                execution.inputs(),
                execution.settings(),
                execution.spec(),
                execution.acceptedAt(),
                0,
                List.of()));
  }

  /** How many executions of a launch plan, of any version, have not ended. */
  public long notEnded(EntityId launchPlan) {
    return statements
        .first(NOT_ENDED, named(launchPlan), row -> row.number("number"))
        .orElseThrow();
  }

  private static Statements.Parameters named(EntityId launchPlan) {
    return Statements.Parameters.of(launchPlan.project(), launchPlan.domain(), launchPlan.name());
  }

  private static Statements.Parameters parameters(NewExecution execution) {
    var values = new ArrayList<@Nullable Object>();
    values.add(execution.id().project());
    values.add(execution.id().domain());
    values.add(execution.id().name());
    values.add(execution.planDigest());
    values.add(execution.launched().kind().ordinal());
    addEntity(values, execution.launched());
    addEntity(values, execution.workflow());
    values.add(execution.spec().toByteArray());
    addValues(values, execution.inputs());
    addValues(values, execution.userInputs());
    values.add(execution.mode());
    values.add(execution.principal());
    addParent(values, execution.parent());
    values.add(execution.sourceNumber());
    addSettings(values, execution.settings());
    values.addAll(List.of(execution.acceptedAt(), execution.acceptedAt()));
    if (!execution.tags().isEmpty()) {
      values.add(execution.tags().stream().map(NewExecution.Tag::key).toArray(String[]::new));
      values.add(execution.tags().stream().map(NewExecution.Tag::value).toArray(String[]::new));
    }
    return Statements.Parameters.of(values.toArray());
  }

  private static void addParent(
      List<@Nullable Object> values, NewExecution.@Nullable Parent parent) {
    values.add(parent == null ? null : parent.number());
    values.add(parent == null ? null : parent.nodeId());
    var waiting = parent == null ? null : parent.waiting();
    values.add(waiting == null ? null : waiting.node().text());
    values.add(waiting == null ? null : waiting.attempt());
  }

  private static void addEntity(List<@Nullable Object> values, EntityId id) {
    Stream.of(id.project(), id.domain(), id.name(), id.version()).forEach(values::add);
  }

  private static void addValues(List<@Nullable Object> row, @Nullable Values values) {
    row.add(values instanceof Values.Inline(var literals) ? literals.bytes().toByteArray() : null);
    row.add(values instanceof Values.Stored(var place) ? place.uri() : null);
  }

  private static void addSettings(List<@Nullable Object> values, ExecutionSettings settings) {
    values.addAll(
        List.of(
            settings.parallelismMax(),
            settings.interruptible(),
            settings.systemRetriesMax(),
            settings.attemptsMaxDefault(),
            settings.backOffMin().toMillis(),
            settings.backOffMax().toMillis(),
            settings.inlineBytesMax(),
            settings.elementsMax(),
            settings.looksForRecovery()));
  }
}
