package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.TASK;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.store.jooq.tables.records.TaskRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;

/** Registered tasks. */
public final class TaskTables {
  private static final VersionedTable<TaskRecord> VERSIONS =
      new VersionedTable<>(
          EntityId.Kind.TASK,
          TASK,
          TASK.ID,
          TASK.PROJECT,
          TASK.DOMAIN,
          TASK.NAME,
          TASK.VERSION,
          TASK.DIGEST,
          TASK.CREATED_AT);
  static final ListColumns COLUMNS =
      VERSIONS
          .listColumns("t")
          .text("type", TASK.TYPE)
          .text("short_description", TASK.SHORT_DESCRIPTION);

  private final Database database;

  public TaskTables(Database database) {
    this.database = database;
  }

  /**
   * A task that is about to be registered.
   *
   * @param digest the digest of the compiled task
   * @param compiled a serialized {@code flyteidl.core.CompiledTask}
   */
  public record NewTask(
      EntityId id,
      String digest,
      String type,
      ByteString compiled,
      Optional<NewDescription> description) {}

  /**
   * A registered task.
   *
   * @param compiled a serialized {@code flyteidl.core.CompiledTask}
   */
  public record TaskRow(
      EntityId id, ByteString compiled, String shortDescription, Instant createdAt) {}

  /** The digest of a registered task. */
  public Optional<String> digest(EntityId id) {
    return VERSIONS.digest(database.sql(), id);
  }

  /** Registers a task; false when the version is there already. */
  public boolean insert(NewTask task) {
    return database.transaction(transaction ->
        VERSIONS.insert(
            transaction,
            task.id(),
            task.digest(),
            Map.of(
                TASK.TYPE,
                task.type(),
                TASK.SHORT_DESCRIPTION,
                task.description().map(NewDescription::shortDescription).orElse(""),
                TASK.COMPILED,
                task.compiled().toByteArray()),
            task.description()));
  }

  /** One task. */
  public Optional<TaskRow> find(EntityId id) {
    return VERSIONS.find(database, id, TASK.COMPILED, TaskTables::row);
  }

  /** Those of the tasks that are registered, in no order. */
  public List<TaskRow> findAll(Collection<EntityId> ids) {
    return ids.isEmpty()
        ? List.of()
        : database.sql().selectFrom(TASK).where(VERSIONS.isOneOf(ids)).fetch(TaskTables::row);
  }

  /** One page of tasks. */
  public Page<TaskRow> list(NameScope scope, ListQuery query) {
    return VERSIONS.page(
        database, VERSIONS.in(scope), List.of(TASK.COMPILED), COLUMNS, query, TaskTables::row);
  }

  private static TaskRow row(Record row) {
    return new TaskRow(
        VERSIONS.entity(row),
        Rows.bytes(row.get(TASK.COMPILED)),
        row.get(TASK.SHORT_DESCRIPTION),
        row.get(TASK.CREATED_AT));
  }
}
