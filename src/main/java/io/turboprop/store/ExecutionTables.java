package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.AcceptedExecution;
import io.turboprop.workflow.ExecutionSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** The accepted executions: acceptance, requests of clients, and what is read of them. */
public final class ExecutionTables {
  private static final String COLUMNS =
      """
      number, project, domain, name, plan_digest,
      launch_kind, launch_project, launch_domain, launch_name, launch_version,
      workflow_project, workflow_domain, workflow_name, workflow_version,
      spec, inputs, inputs_uri, user_inputs, user_inputs_uri,
      parallelism_max, interruptible, system_retries_max, attempts_max_default,
      back_off_min_ms, back_off_max_ms, inline_bytes_max, elements_max, looks_for_recovery,
      phase, final, accepted_at, started_at, updated_at, ended_at, outputs, outputs_uri,
      error_code, error_message, error_kind,
      state, state_changed_at, state_changed_by, abort_cause, abort_principal, published_through
      """;

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

  private static final String BY_NAME =
      """
      select %s, (
        select array_agg(distinct made.plan_digest) from dynamic_plan as made
        where made.execution_number = execution.number) as dynamic_plans
      from execution where project = ? and domain = ? and name = ?
      """
          .formatted(COLUMNS);

  /** Goes from one project and domain to the next, since the index of names begins with them. */
  private static final String OTHER_OF_NAME =
      """
      with recursive place as (
        (select project, domain from execution order by project, domain limit 1)
        union all
        select next.project, next.domain from place, lateral (
          select project, domain from execution
          where (execution.project, execution.domain) > (place.project, place.domain)
          order by project, domain limit 1) as next)
      select project, domain, name from place join execution using (project, domain)
      where name = ? and (project, domain) <> (?, ?) limit 1
      """;

  /** Those taken are due again after a while, should nobody hear of it. */
  private static final String TAKE_DUE =
      """
      update execution set wake_up = ?
      where number in (
        select number from execution where not final and wake_up <= ?
        order by wake_up limit ? for update skip locked)
      returning project, domain, name
      """;

  private static final String ACTIVE =
      """
      select number, project, domain, name from execution
      where not final and wake_up is null and number > ?
      order by number limit ?
      """;

  private static final String REQUEST_ABORT =
      """
      update execution set
        phase = 9, abort_requested_at = ?, abort_cause = ?, abort_principal = ?,
        told = true, wake_up = case when wake_up is null then null else least(wake_up, ?) end
      where number = ? and not final
      """;

  private static final String SET_ASIDE =
      """
      with ended as (
        update execution set
          phase = 6, final = true, updated_at = ?, ended_at = ?, wake_up = null,
          error_code = ?, error_message = ?, error_kind = ?
        where project = ? and domain = ? and name = ? and not final
        returning parent_number, parent_path)
      update execution as p set
        wake_up = case when p.wake_up is null then null else least(p.wake_up, now()) end
      from ended
      where p.number = ended.parent_number and ended.parent_path is not null and not p.final
      returning p.project, p.domain, p.name, ended.parent_path
      """;

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

  private static final String ARCHIVE =
      "update execution set state = ?, state_changed_at = ?, state_changed_by = ? where number = ?";

  private static final String PUBLISHED =
      "select number, published_through from execution where number = any(?::int8[]) and not final";

  private final Database database;
  private final Statements statements;

  public ExecutionTables(Database database) {
    this.database = database;
    this.statements = new Statements(database);
  }

  /** An execution that has not ended; numbers order them. */
  public record ActiveExecution(long number, ExecutionId id) {}

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
        statements.list(
            insert(execution),
            statement -> bind(statement, execution),
            row -> row.number("number")));
  }

  /**
   * Accepts an execution if there are fewer of its launch plan, of any version, that have not
   * ended. Of those that are to be accepted at the same moment one comes after the other, and none
   * waits for long.
   */
  public Acceptance acceptOneOf(long notEndedMax, NewExecution execution) {
    try {
      return statements.transaction(connection -> acceptOneOf(connection, notEndedMax, execution));
    } catch (DataAccessException e) {
      if (LOCK_NOT_AVAILABLE.equals(e.sqlState())) {
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
        statement ->
            statement.setString(
                1, String.join(":", launchPlan.project(), launchPlan.domain(), launchPlan.name())),
        _ -> 0);
    var notEnded =
        Statements.list(
            connection,
            NOT_ENDED,
            statement -> bind(statement, launchPlan),
            row -> row.number("number"));
    return notEnded.getFirst() >= notEndedMax
        ? new Acceptance.LimitReached()
        : new Acceptance.Decided(
            accepted(
                execution,
                Statements.list(
                    connection,
                    insert(execution),
                    statement -> bind(statement, execution),
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
                Optional.empty(),
                0,
                List.of()));
  }

  /** The execution of this name. */
  public Optional<ExecutionRow> find(ExecutionId id) {
    return statements.first(
        BY_NAME,
        statement -> bind(statement, id),
        row -> row(row, row.nullableTexts("dynamic_plans")));
  }

  /** The executions that meet a query, in its order; without the plans of dynamic nodes. */
  public List<ExecutionRow> list(String project, String domain, ListQuery query) {
    return Statements.list(
        ExecutionListing.query(database.sql(), COLUMNS, project, domain, query),
        row -> row(row, List.of()));
  }

  /**
   * Takes executions whose moment has come, the longest due first.
   *
   * @param again when they are due again if nothing is heard of them
   */
  public List<ExecutionId> takeDue(Instant now, Instant again, int limit) {
    return statements.list(
        TAKE_DUE,
        statement -> {
          statement.setObject(1, utc(again));
          statement.setObject(2, utc(now));
          statement.setInt(3, limit);
        },
        ExecutionTables::id);
  }

  /** Whether no other project or domain has an execution of this name. */
  public boolean isOnlyOneOfItsName(ExecutionId id) {
    return statements
        .first(
            OTHER_OF_NAME,
            statement -> {
              statement.setString(1, id.name());
              statement.setString(2, id.project());
              statement.setString(3, id.domain());
            },
            ExecutionTables::id)
        .isEmpty();
  }

  /** Executions that are under way, as far as is known: not ended, and not asleep. */
  public List<ActiveExecution> active(long afterNumber, int limit) {
    return statements.list(
        ACTIVE,
        statement -> {
          statement.setLong(1, afterNumber);
          statement.setInt(2, limit);
        },
        row -> new ActiveExecution(row.number("number"), id(row)));
  }

  /**
   * Ends an execution that can't go on, without its journal: it is shown as failed.
   *
   * @return the node that waits for its end and is to be told, if one does
   */
  public Optional<ParentNode> setAside(ExecutionId id, ExecutionError error, Instant at) {
    return statements.first(
        SET_ASIDE,
        statement -> {
          statement.setObject(1, utc(at));
          statement.setObject(2, utc(at));
          statement.setString(3, withoutNul(error.code()));
          statement.setString(4, withoutNul(error.message()));
          statement.setInt(5, error.kind().ordinal());
          statement.setString(6, id.project());
          statement.setString(7, id.domain());
          statement.setString(8, id.name());
        },
        row -> new ParentNode(id(row), new NodePath(row.text("parent_path"))));
  }

  /**
   * Records that a client wants an execution to end, in place of what was wanted before.
   *
   * @return whether it had not ended yet; nothing is changed if it had
   */
  public boolean requestAbort(long number, String cause, String principal, Instant at) {
    return statements.update(
            REQUEST_ABORT,
            statement -> {
              statement.setObject(1, utc(at));
              statement.setString(2, withoutNul(cause));
              statement.setString(3, principal);
              statement.setObject(4, utc(at));
              statement.setLong(5, number);
            })
        > 0;
  }

  /** Has an execution left out of lists, or brought back. */
  public void archive(long number, boolean archived, String by, Instant at) {
    statements.update(
        ARCHIVE,
        statement -> {
          statement.setInt(1, archived ? 1 : 0);
          statement.setObject(2, utc(at));
          statement.setString(3, by);
          statement.setLong(4, number);
        });
  }

  /**
   * Which step of the journal each of these executions shows; those that have ended, or are gone,
   * are left out: nothing follows for them.
   */
  public Map<Long, Long> publishedThrough(Collection<Long> numbers) {
    return statements
        .list(
            PUBLISHED,
            statement ->
                statement.setArray(
                    1,
                    statement.getConnection().createArrayOf("int8", numbers.toArray(Long[]::new))),
            row -> Map.entry(row.number("number"), row.number("published_through")))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** How many executions of a launch plan, of any version, have not ended. */
  public long notEnded(EntityId launchPlan) {
    return statements
        .first(NOT_ENDED, statement -> bind(statement, launchPlan), row -> row.number("number"))
        .orElseThrow();
  }

  private static void bind(PreparedStatement statement, EntityId launchPlan) throws SQLException {
    statement.setString(1, launchPlan.project());
    statement.setString(2, launchPlan.domain());
    statement.setString(3, launchPlan.name());
  }

  private static void bind(PreparedStatement statement, ExecutionId id) throws SQLException {
    statement.setString(1, id.project());
    statement.setString(2, id.domain());
    statement.setString(3, id.name());
  }

  private static void bind(PreparedStatement statement, NewExecution execution)
      throws SQLException {
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
    var acceptedAt = utc(execution.acceptedAt());
    values.addAll(List.of(acceptedAt, acceptedAt));
    for (int i = 0; i < values.size(); i++) {
      set(statement, i + 1, values.get(i));
    }
    if (!execution.tags().isEmpty()) {
      bindTags(statement, values.size() + 1, execution.tags());
    }
  }

  private static void bindTags(PreparedStatement statement, int index, List<NewExecution.Tag> tags)
      throws SQLException {
    var connection = statement.getConnection();
    var keys = tags.stream().map(NewExecution.Tag::key).toArray(String[]::new);
    var values = tags.stream().map(NewExecution.Tag::value).toArray(String[]::new);
    statement.setArray(index, connection.createArrayOf("text", keys));
    statement.setArray(index + 1, connection.createArrayOf("text", values));
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

  private static void set(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(index, Types.NULL);
      case String text -> statement.setString(index, withoutNul(text));
      case byte[] bytes -> statement.setBytes(index, bytes);
      default -> statement.setObject(index, value);
    }
  }

  private static ExecutionRow row(ResultRow row, List<String> dynamicPlans) throws SQLException {
    var inputs = Optional.ofNullable(row.values("inputs")).orElse(Values.NONE);
    var abortCause = row.nullableText("abort_cause");
    var changedAt = row.nullableInstant("state_changed_at");
    return new ExecutionRow(
        accepted(row, inputs, dynamicPlans),
        row.entity(EntityId.Kind.values()[row.integer("launch_kind")], "launch"),
        row.entity(EntityId.Kind.WORKFLOW, "workflow"),
        Optional.ofNullable(row.values("user_inputs")).orElse(inputs),
        row.integer("phase"),
        row.bool("final"),
        row.moments("accepted_at"),
        row.values("outputs"),
        row.error(),
        abortCause == null
            ? null
            : new ExecutionRow.AbortRequest(
                abortCause, orEmpty(row.nullableText("abort_principal"))),
        row.integer("state") == 1,
        changedAt == null
            ? null
            : new ExecutionRow.StateChange(
                changedAt, orEmpty(row.nullableText("state_changed_by"))));
  }

  private static AcceptedExecution accepted(ResultRow row, Values inputs, List<String> dynamicPlans)
      throws SQLException {
    return new AcceptedExecution(
        id(row),
        row.number("number"),
        row.text("plan_digest"),
        inputs,
        new ExecutionSettings(
            row.integer("parallelism_max"),
            row.bool("interruptible"),
            row.integer("system_retries_max"),
            row.integer("attempts_max_default"),
            Duration.ofMillis(row.number("back_off_min_ms")),
            Duration.ofMillis(row.number("back_off_max_ms")),
            row.integer("inline_bytes_max"),
            row.integer("elements_max"),
            row.bool("looks_for_recovery")),
        row.bytes("spec"),
        row.instant("accepted_at"),
        Optional.ofNullable(row.nullableText("abort_cause")),
        row.number("published_through"),
        dynamicPlans);
  }

  private static ExecutionId id(ResultRow row) throws SQLException {
    return new ExecutionId(row.text("project"), row.text("domain"), row.text("name"));
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String withoutNul(String text) {
    return text.replace("\0", "");
  }
}
