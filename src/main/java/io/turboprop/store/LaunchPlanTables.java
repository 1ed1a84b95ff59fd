package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectWhereStep;
import org.jooq.impl.DSL;

/** Registered launch plans, of which at most one version of each name is active. */
public final class LaunchPlanTables {
  /** The number of {@code flyteidl.admin.LaunchPlanState.ACTIVE}; the only other one is 0. */
  private static final long ACTIVE = 1;

  private static final long INACTIVE = 0;

  private static final VersionedTable LAUNCH_PLAN =
      new VersionedTable(EntityId.Kind.LAUNCH_PLAN, "launch_plan");
  private static final VersionedTable WORKFLOW =
      new VersionedTable(EntityId.Kind.WORKFLOW, "workflow");
  private static final Field<Long> WORKFLOW_ID = LAUNCH_PLAN.field("workflow_id", Long.class);
  private static final Field<Long> STATE = LAUNCH_PLAN.field("state", Long.class);
  private static final Field<String> SCHEDULE_TYPE =
      LAUNCH_PLAN.field("schedule_type", String.class);
  private static final Field<String> CONDITION_TYPE =
      LAUNCH_PLAN.field("launch_condition_type", String.class);
  private static final Field<byte[]> SPEC = LAUNCH_PLAN.field("spec", byte[].class);
  private static final Field<byte[]> CLOSURE = LAUNCH_PLAN.field("closure", byte[].class);
  private static final Field<OffsetDateTime> UPDATED_AT =
      LAUNCH_PLAN.field("updated_at", OffsetDateTime.class);
  private static final ListColumns COLUMNS =
      LAUNCH_PLAN
          .listColumns("l")
          .numbered("state", STATE, Map.of("INACTIVE", INACTIVE, "ACTIVE", ACTIVE))
          .number("workflow_id", WORKFLOW_ID)
          .text("schedule_type", SCHEDULE_TYPE)
          .text("launch_condition_type", CONDITION_TYPE)
          .moment("updated_at", UPDATED_AT)
          .joined("workflow", WorkflowTables.COLUMNS, LaunchPlanTables::ofWorkflow);

  private final Database database;

  public LaunchPlanTables(Database database) {
    this.database = database;
  }

  /**
   * A launch plan that is about to be registered, not active.
   *
   * @param workflow has to be registered
   * @param scheduleType NONE, CRON or RATE
   * @param spec a serialized {@code flyteidl.admin.LaunchPlanSpec}
   * @param closure a serialized {@code flyteidl.admin.LaunchPlanClosure} with what is expected
   */
  public record NewLaunchPlan(
      EntityId id,
      String digest,
      EntityId workflow,
      String scheduleType,
      ByteString spec,
      ByteString closure) {}

  /**
   * A registered launch plan.
   *
   * @param spec a serialized {@code flyteidl.admin.LaunchPlanSpec}
   * @param closure a serialized {@code flyteidl.admin.LaunchPlanClosure} with what is expected
   * @param state a number of {@code flyteidl.admin.LaunchPlanState}
   */
  public record LaunchPlanRow(
      EntityId id,
      ByteString spec,
      ByteString closure,
      int state,
      Instant createdAt,
      Instant updatedAt) {}

  /** The digest of a registered launch plan. */
  public Optional<String> digest(EntityId id) {
    return LAUNCH_PLAN.digest(database.sql(), id);
  }

  /** Registers a launch plan; false when the version is there already. */
  public boolean insert(NewLaunchPlan plan) {
    return database.transaction(transaction ->
        LAUNCH_PLAN.insert(
            transaction,
            plan.id(),
            plan.digest(),
            Map.of(
                WORKFLOW_ID,
                DSL.select(WORKFLOW.id)
                    .from(WORKFLOW.table)
                    .where(WORKFLOW.is(plan.workflow()))
                    .asField(),
                SCHEDULE_TYPE,
                plan.scheduleType(),
                CONDITION_TYPE,
                "",
                SPEC,
                plan.spec().toByteArray(),
                CLOSURE,
                plan.closure().toByteArray()),
            Optional.empty()));
  }

  /** One launch plan. */
  public Optional<LaunchPlanRow> find(EntityId id) {
    return select().where(LAUNCH_PLAN.is(id)).fetchOptional(LaunchPlanTables::row);
  }

  /** Those of the launch plans that are registered, in no order. */
  public List<LaunchPlanRow> findAll(Collection<EntityId> ids) {
    return ids.isEmpty()
        ? List.of()
        : select().where(LAUNCH_PLAN.isOneOf(ids)).fetch(LaunchPlanTables::row);
  }

  /** The active version of a name. */
  public Optional<LaunchPlanRow> findActive(NameScope name) {
    return select()
        .where(LAUNCH_PLAN.in(name).and(STATE.eq(ACTIVE)))
        .fetchOptional(LaunchPlanTables::row);
  }

  /** One page of launch plans. */
  public Page<LaunchPlanRow> list(NameScope scope, ListQuery query) {
    return page(LAUNCH_PLAN.in(scope), query);
  }

  /** One page of the active ones in a domain. */
  public Page<LaunchPlanRow> listActive(NameScope scope, ListQuery query) {
    return page(LAUNCH_PLAN.in(scope).and(STATE.eq(ACTIVE)), query);
  }

  /**
   * Makes a version the active one of its name, and the one that was active before inactive.
   *
   * @return false when there is no such version
   */
  public boolean activate(EntityId id) {
    return database.transaction(transaction -> {
      var others = LAUNCH_PLAN.in(new NameScope(id.project(), id.domain(), id.name()));
      // the name is locked, so that two activations at once leave one active
      transaction
          .select(LAUNCH_PLAN.id)
          .from(LAUNCH_PLAN.table)
          .where(others)
          .orderBy(LAUNCH_PLAN.id)
          .forUpdate()
          .fetch();
      setState(transaction, others.andNot(LAUNCH_PLAN.is(id)).and(STATE.eq(ACTIVE)), INACTIVE);
      return setState(transaction, LAUNCH_PLAN.is(id), ACTIVE) == 1;
    });
  }

  /** Makes a version inactive; false when there is no such version. */
  public boolean deactivate(EntityId id) {
    return setState(database.sql(), LAUNCH_PLAN.is(id), INACTIVE) == 1;
  }

  private static int setState(DSLContext sql, Condition condition, long state) {
    return sql.update(LAUNCH_PLAN.table)
        .set(STATE, state)
        .set(UPDATED_AT, DSL.currentOffsetDateTime())
        .where(condition)
        .execute();
  }

  private SelectWhereStep<Record> select() {
    return database.sql().select(LAUNCH_PLAN.table.asterisk()).from(LAUNCH_PLAN.table);
  }

  private static Condition ofWorkflow(Condition filters) {
    return WORKFLOW_ID.in(DSL.select(WORKFLOW.id).from(WORKFLOW.table).where(filters));
  }

  private Page<LaunchPlanRow> page(Condition condition, ListQuery query) {
    return LAUNCH_PLAN.page(
        database.sql(), condition, List.of(SPEC, CLOSURE), COLUMNS, query, LaunchPlanTables::row);
  }

  private static LaunchPlanRow row(Record row) {
    return new LaunchPlanRow(
        LAUNCH_PLAN.entity(row),
        VersionedTable.bytes(row, SPEC),
        VersionedTable.bytes(row, CLOSURE),
        Math.toIntExact(row.get(STATE)),
        LAUNCH_PLAN.createdAt(row),
        row.get(UPDATED_AT).toInstant());
  }
}
