package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Registered workflows; their closures are plans, stored once for equal ones. */
public final class WorkflowTables {
  private static final VersionedTable WORKFLOW =
      new VersionedTable(EntityId.Kind.WORKFLOW, "workflow");
  private static final Field<String> SHORT_DESCRIPTION =
      WORKFLOW.field("short_description", String.class);
  private static final Field<byte[]> INTERFACE = WORKFLOW.field("interface", byte[].class);
  private static final Table<Record> PLAN = DSL.table(DSL.name("plan"));
  private static final Field<String> PLAN_DIGEST =
      DSL.field(DSL.name("plan", "digest"), String.class);
  private static final Field<byte[]> PLAN_CLOSURE =
      DSL.field(DSL.name("plan", "closure"), byte[].class);
  static final ListColumns COLUMNS =
      WORKFLOW.listColumns("w").text("short_description", SHORT_DESCRIPTION);

  private final Database database;

  public WorkflowTables(Database database) {
    this.database = database;
  }

  /**
   * A workflow that is about to be registered.
   *
   * @param digest of the closure: the name of its plan
   * @param closure a serialized {@code flyteidl.core.CompiledWorkflowClosure}
   * @param typedInterface a serialized {@code flyteidl.core.TypedInterface}
   */
  public record NewWorkflow(
      EntityId id,
      String digest,
      ByteString closure,
      ByteString typedInterface,
      Optional<NewDescription> description) {}

  /**
   * A registered workflow without its closure.
   *
   * @param planDigest names the plan, which has the closure
   * @param typedInterface a serialized {@code flyteidl.core.TypedInterface}
   */
  public record WorkflowRow(
      EntityId id,
      String planDigest,
      ByteString typedInterface,
      String shortDescription,
      Instant createdAt) {}

  /** The digest of a registered workflow, which names its plan. */
  public Optional<String> digest(EntityId id) {
    return WORKFLOW.digest(database.sql(), id);
  }

  /** Registers a workflow and stores its plan; false when the version is there already. */
  public boolean insert(NewWorkflow workflow) {
    return database.transaction(transaction -> {
      transaction.execute(PlanTables.STORE, workflow.digest(), workflow.closure().toByteArray());
      return WORKFLOW.insert(
          transaction,
          workflow.id(),
          workflow.digest(),
          Map.of(
              SHORT_DESCRIPTION,
              workflow.description().map(NewDescription::shortDescription).orElse(""),
              INTERFACE,
              workflow.typedInterface().toByteArray()),
          workflow.description());
    });
  }

  /** One workflow. */
  public Optional<WorkflowRow> find(EntityId id) {
    return database
        .sql()
        .selectFrom(WORKFLOW.table)
        .where(WORKFLOW.is(id))
        .fetchOptional(WorkflowTables::row);
  }

  /** The closure of a plan: a serialized {@code flyteidl.core.CompiledWorkflowClosure}. */
  public Optional<ByteString> closure(String planDigest) {
    return database
        .sql()
        .select(PLAN_CLOSURE)
        .from(PLAN)
        .where(PLAN_DIGEST.eq(planDigest))
        .fetchOptional(row -> VersionedTable.bytes(row, PLAN_CLOSURE));
  }

  /** One page of workflows. */
  public Page<WorkflowRow> list(NameScope scope, ListQuery query) {
    return WORKFLOW.page(
        database.sql(),
        WORKFLOW.in(scope),
        List.of(INTERFACE),
        COLUMNS,
        query,
        WorkflowTables::row);
  }

  private static WorkflowRow row(Record row) {
    return new WorkflowRow(
        WORKFLOW.entity(row),
        row.get(WORKFLOW.digest),
        VersionedTable.bytes(row, INTERFACE),
        row.get(SHORT_DESCRIPTION),
        WORKFLOW.createdAt(row));
  }
}
