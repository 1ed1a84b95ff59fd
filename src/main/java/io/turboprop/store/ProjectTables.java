package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Projects. */
public final class ProjectTables {
  private static final Table<Record> PROJECT = DSL.table(DSL.name("project"));
  private static final Field<Long> ID = DSL.field(DSL.name("id"), Long.class);
  private static final Field<String> IDENTIFIER = DSL.field(DSL.name("identifier"), String.class);
  private static final Field<String> NAME = DSL.field(DSL.name("name"), String.class);
  private static final Field<String> DESCRIPTION = DSL.field(DSL.name("description"), String.class);
  private static final Field<Long> STATE = DSL.field(DSL.name("state"), Long.class);
  private static final Field<byte[]> LABELS = DSL.field(DSL.name("labels"), byte[].class);
  private static final long ARCHIVED = 1;
  private static final ListColumns COLUMNS =
      ListColumns.of("p", "project", ID)
          .number("id", ID)
          .text("identifier", IDENTIFIER)
          .text("name", NAME)
          .text("description", DESCRIPTION)
          .numbered(
              "state",
              STATE,
              Map.of(
                  "ACTIVE",
                  0L,
                  "ARCHIVED",
                  ARCHIVED,
                  "SYSTEM_GENERATED",
                  2L,
                  "SYSTEM_ARCHIVED",
                  3L))
          .moment("created_at", DSL.field(DSL.name("created_at"), OffsetDateTime.class))
          .unsortedBy("identifier");

  private final Database database;

  public ProjectTables(Database database) {
    this.database = database;
  }

  /**
   * A project.
   *
   * @param state a number of {@code flyteidl.admin.Project.ProjectState}
   * @param labels a serialized {@code flyteidl.admin.Labels}
   */
  public record ProjectRow(
      String identifier, String name, String description, int state, ByteString labels) {}

  /** Creates a project; false when there is one of this identifier. */
  public boolean insert(ProjectRow project) {
    return database
            .sql()
            .insertInto(PROJECT)
            .set(IDENTIFIER, project.identifier())
            .set(NAME, project.name())
            .set(DESCRIPTION, project.description())
            .set(STATE, (long) project.state())
            .set(LABELS, project.labels().toByteArray())
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  /** Replaces what is said of a project; false when there is none. */
  public boolean update(ProjectRow project) {
    return database
            .sql()
            .update(PROJECT)
            .set(NAME, project.name())
            .set(DESCRIPTION, project.description())
            .set(STATE, (long) project.state())
            .set(LABELS, project.labels().toByteArray())
            .where(IDENTIFIER.eq(project.identifier()))
            .execute()
        == 1;
  }

  /** One project. */
  public Optional<ProjectRow> find(String identifier) {
    return database
        .sql()
        .selectFrom(PROJECT)
        .where(IDENTIFIER.eq(identifier))
        .fetchOptional(ProjectTables::row);
  }

  /** One page of projects, by identifier; archived ones only when something is filtered by. */
  public Page<ProjectRow> list(ListQuery query) {
    var shown = query.filters().isEmpty() ? STATE.ne(ARCHIVED) : DSL.noCondition();
    return new PageQuery(
            PROJECT, shown, List.of(DSL.asterisk()), List.of(NAME, DESCRIPTION, LABELS), COLUMNS)
        .read(database.sql(), query, ProjectTables::row);
  }

  private static ProjectRow row(Record row) {
    return new ProjectRow(
        row.get(IDENTIFIER),
        row.get(NAME),
        row.get(DESCRIPTION),
        Math.toIntExact(row.get(STATE)),
        VersionedTable.bytes(row, LABELS));
  }
}
