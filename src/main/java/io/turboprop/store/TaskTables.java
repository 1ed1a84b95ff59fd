package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;

/** Registered tasks. */
public final class TaskTables {
  private static final VersionedTable TASK = new VersionedTable(EntityId.Kind.TASK, "task");
  private static final Field<String> TYPE = TASK.field("type", String.class);
  private static final Field<String> SHORT_DESCRIPTION =
      TASK.field("short_description", String.class);
  private static final Field<byte[]> COMPILED = TASK.field("compiled", byte[].class);
  static final ListColumns COLUMNS =
      TASK.listColumns("t").text("type", TYPE).text("short_description", SHORT_DESCRIPTION);

  private final Database database;

  public TaskTables(Database database) {
    this.database = database;
  }

  /**
   * A task that is about to be registered.
   *
   * @param digest of the compiled task
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
    return TASK.digest(database.sql(), id);
  }

  /** Registers a task; false when the version is there already. */
  public boolean insert(NewTask task) {
    return database.transaction(transaction ->
        TASK.insert(
            transaction,
            task.id(),
            task.digest(),
            Map.of(
                TYPE,
                task.type(),
                SHORT_DESCRIPTION,
                task.description().map(NewDescription::shortDescription).orElse(""),
                COMPILED,
                task.compiled().toByteArray()),
            task.description()));
  }

  /** One task. */
  public Optional<TaskRow> find(EntityId id) {
    return database.sql().selectFrom(TASK.table).where(TASK.is(id)).fetchOptional(TaskTables::row);
  }

  /** Those of the tasks that are registered, in no order. */
  public List<TaskRow> findAll(Collection<EntityId> ids) {
    return ids.isEmpty()
        ? List.of()
        : database.sql().selectFrom(TASK.table).where(TASK.isOneOf(ids)).fetch(TaskTables::row);
  }

  /** One page of tasks. */
  public Page<TaskRow> list(NameScope scope, ListQuery query) {
    return TASK.page(
        database.sql(), TASK.in(scope), List.of(COMPILED), COLUMNS, query, TaskTables::row);
  }

  private static TaskRow row(Record row) {
    return new TaskRow(
        TASK.entity(row),
        VersionedTable.bytes(row, COMPILED),
        row.get(SHORT_DESCRIPTION),
        TASK.createdAt(row));
  }
}
