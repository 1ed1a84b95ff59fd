package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.WORKFLOW;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.store.jooq.tables.records.WorkflowRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;

/** Registered workflows; their closures are plans, stored once for equal ones. */
public final class WorkflowTables {
  static final VersionedTable<WorkflowRecord> VERSIONS =
      new VersionedTable<>(
          EntityId.Kind.WORKFLOW,
          WORKFLOW,
          WORKFLOW.ID,
          WORKFLOW.PROJECT,
          WORKFLOW.DOMAIN,
          WORKFLOW.NAME,
          WORKFLOW.VERSION,
          WORKFLOW.DIGEST,
          WORKFLOW.CREATED_AT);
  static final ListColumns COLUMNS =
      VERSIONS.listColumns("w").text("short_description", WORKFLOW.SHORT_DESCRIPTION);

  private final Database database;

  public WorkflowTables(Database database) {
    this.database = database;
  }

  /**
   * A workflow that is about to be registered.
   *
   * @param digest the digest of the closure, which is the name of its plan
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
    return VERSIONS.digest(database.sql(), id);
  }

  /** Registers a workflow and stores its plan; false when the version is there already. */
  public boolean insert(NewWorkflow workflow) {
    return database.transaction(transaction -> {
      PlanTables.store(transaction, workflow.digest(), workflow.closure());
      return VERSIONS.insert(
          transaction,
          workflow.id(),
          workflow.digest(),
          Map.of(
              WORKFLOW.SHORT_DESCRIPTION,
              workflow.description().map(NewDescription::shortDescription).orElse(""),
              WORKFLOW.INTERFACE,
              workflow.typedInterface().toByteArray()),
          workflow.description());
    });
  }

  /** One workflow. */
  public Optional<WorkflowRow> find(EntityId id) {
    return database
        .sql()
        .selectFrom(WORKFLOW)
        .where(VERSIONS.is(id))
        .fetchOptional(WorkflowTables::row);
  }

  /** The closure of a plan: a serialized {@code flyteidl.core.CompiledWorkflowClosure}. */
  public Optional<ByteString> closure(String planDigest) {
    return new PlanTables(database).find(planDigest);
  }

  /** One page of workflows. */
  public Page<WorkflowRow> list(NameScope scope, ListQuery query) {
    return VERSIONS.page(
        database,
        VERSIONS.in(scope),
        List.of(WORKFLOW.INTERFACE),
        COLUMNS,
        query,
        WorkflowTables::row);
  }

  private static WorkflowRow row(Record row) {
    return new WorkflowRow(
        VERSIONS.entity(row),
        row.get(WORKFLOW.DIGEST),
        Rows.bytes(row.get(WORKFLOW.INTERFACE)),
        row.get(WORKFLOW.SHORT_DESCRIPTION),
        row.get(WORKFLOW.CREATED_AT));
  }
}
