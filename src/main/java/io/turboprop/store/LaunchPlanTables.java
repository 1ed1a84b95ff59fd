package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.LAUNCH_PLAN;
import static io.turboprop.store.jooq.Tables.WORKFLOW;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.store.jooq.tables.records.LaunchPlanRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SelectWhereStep;
import org.jooq.impl.DSL;

/** Registered launch plans, of which at most one version of each name is active. */
public final class LaunchPlanTables {
  /** The number of {@code flyteidl.admin.LaunchPlanState.ACTIVE}; the only other one is 0. */
  private static final long ACTIVE = 1;

  private static final long INACTIVE = 0;

  private static final VersionedTable<LaunchPlanRecord> VERSIONS =
      new VersionedTable<>(
          EntityId.Kind.LAUNCH_PLAN,
          LAUNCH_PLAN,
          LAUNCH_PLAN.ID,
          LAUNCH_PLAN.PROJECT,
          LAUNCH_PLAN.DOMAIN,
          LAUNCH_PLAN.NAME,
          LAUNCH_PLAN.VERSION,
          LAUNCH_PLAN.DIGEST,
          LAUNCH_PLAN.CREATED_AT);
  private static final ListColumns COLUMNS =
      VERSIONS
          .listColumns("l")
          .numbered("state", LAUNCH_PLAN.STATE, Map.of("INACTIVE", INACTIVE, "ACTIVE", ACTIVE))
          .number("workflow_id", LAUNCH_PLAN.WORKFLOW_ID)
          .text("schedule_type", LAUNCH_PLAN.SCHEDULE_TYPE)
          .text("launch_condition_type", LAUNCH_PLAN.LAUNCH_CONDITION_TYPE)
          .moment("updated_at", LAUNCH_PLAN.UPDATED_AT)
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
    return VERSIONS.digest(database.sql(), id);
  }

  /** Registers a launch plan; false when the version is there already. */
  public boolean insert(NewLaunchPlan plan) {
    return database.transaction(transaction ->
        VERSIONS.insert(
            transaction,
            plan.id(),
            plan.digest(),
            Map.of(
                LAUNCH_PLAN.WORKFLOW_ID,
                DSL.select(WORKFLOW.ID)
                    .from(WORKFLOW)
                    .where(WorkflowTables.VERSIONS.is(plan.workflow()))
                    .asField(),
                LAUNCH_PLAN.SCHEDULE_TYPE,
                plan.scheduleType(),
                LAUNCH_PLAN.LAUNCH_CONDITION_TYPE,
                "",
                LAUNCH_PLAN.SPEC,
                plan.spec().toByteArray(),
                LAUNCH_PLAN.CLOSURE,
                plan.closure().toByteArray()),
            Optional.empty()));
  }

  /** One launch plan. */
  public Optional<LaunchPlanRow> find(EntityId id) {
    return select().where(VERSIONS.is(id)).fetchOptional(LaunchPlanTables::row);
  }

  /** Those of the launch plans that are registered, in no order. */
  public List<LaunchPlanRow> findAll(Collection<EntityId> ids) {
    return ids.isEmpty()
        ? List.of()
        : select().where(VERSIONS.isOneOf(ids)).fetch(LaunchPlanTables::row);
  }

  /** The active version of a name. */
  public Optional<LaunchPlanRow> findActive(NameScope name) {
    return select()
        .where(VERSIONS.in(name).and(LAUNCH_PLAN.STATE.eq(ACTIVE)))
        .fetchOptional(LaunchPlanTables::row);
  }

  /** One page of launch plans. */
  public Page<LaunchPlanRow> list(NameScope scope, ListQuery query) {
    return page(VERSIONS.in(scope), query);
  }

  /** One page of the active ones in a domain. */
  public Page<LaunchPlanRow> listActive(NameScope scope, ListQuery query) {
    return page(VERSIONS.in(scope).and(LAUNCH_PLAN.STATE.eq(ACTIVE)), query);
  }

  /**
   * Makes a version the active version of its name; the version that was active before becomes
   * inactive.
   *
   * @return false when there is no such version
   */
  public boolean activate(EntityId id) {
    return database.transaction(transaction -> {
      var others = VERSIONS.in(new NameScope(id.project(), id.domain(), id.name()));
      // the name is locked, so that two activations at once leave one active
      transaction
          .select(LAUNCH_PLAN.ID)
          .from(LAUNCH_PLAN)
          .where(others)
          .orderBy(LAUNCH_PLAN.ID)
          .forUpdate()
          .fetch();
      setState(
          transaction, others.andNot(VERSIONS.is(id)).and(LAUNCH_PLAN.STATE.eq(ACTIVE)), INACTIVE);
      return setState(transaction, VERSIONS.is(id), ACTIVE) == 1;
    });
  }

  /** Makes a version inactive; false when there is no such version. */
  public boolean deactivate(EntityId id) {
    return setState(database.sql(), VERSIONS.is(id), INACTIVE) == 1;
  }

  private static int setState(DSLContext sql, Condition condition, long state) {
    return sql.update(LAUNCH_PLAN)
        .set(LAUNCH_PLAN.STATE, state)
        .set(LAUNCH_PLAN.UPDATED_AT, DSL.currentInstant())
        .where(condition)
        .execute();
  }

  private SelectWhereStep<LaunchPlanRecord> select() {
    return database.sql().selectFrom(LAUNCH_PLAN);
  }

  private static Condition ofWorkflow(Condition filters) {
    return LAUNCH_PLAN.WORKFLOW_ID.in(DSL.select(WORKFLOW.ID).from(WORKFLOW).where(filters));
  }

  private Page<LaunchPlanRow> page(Condition condition, ListQuery query) {
    return VERSIONS.page(
        database,
        condition,
        List.of(LAUNCH_PLAN.SPEC, LAUNCH_PLAN.CLOSURE),
        COLUMNS,
        query,
        LaunchPlanTables::row);
  }

  private static LaunchPlanRow row(Record row) {
    return new LaunchPlanRow(
        VERSIONS.entity(row),
        Rows.bytes(row.get(LAUNCH_PLAN.SPEC)),
        Rows.bytes(row.get(LAUNCH_PLAN.CLOSURE)),
        Math.toIntExact(row.get(LAUNCH_PLAN.STATE)),
        row.get(LAUNCH_PLAN.CREATED_AT),
        row.get(LAUNCH_PLAN.UPDATED_AT));
  }
}
