package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.PROJECT;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** Projects. */
public final class ProjectTables {
  private static final long ARCHIVED = 1;
  private static final ListColumns COLUMNS =
      ListColumns.of("p", "project", PROJECT.ID)
          .number("id", PROJECT.ID)
          .text("identifier", PROJECT.IDENTIFIER)
          .text("name", PROJECT.NAME)
          .text("description", PROJECT.DESCRIPTION)
          .numbered(
              "state",
              PROJECT.STATE,
              Map.of(
                  "ACTIVE",
                  0L,
                  "ARCHIVED",
                  ARCHIVED,
                  "SYSTEM_GENERATED",
                  2L,
                  "SYSTEM_ARCHIVED",
                  3L))
          .moment("created_at", PROJECT.CREATED_AT)
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
            .set(PROJECT.IDENTIFIER, project.identifier())
            .set(PROJECT.NAME, project.name())
            .set(PROJECT.DESCRIPTION, project.description())
            .set(PROJECT.STATE, (long) project.state())
            .set(PROJECT.LABELS, project.labels().toByteArray())
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  /** Replaces what is said of a project; false when there is none. */
  public boolean update(ProjectRow project) {
    return database
            .sql()
            .update(PROJECT)
            .set(PROJECT.NAME, project.name())
            .set(PROJECT.DESCRIPTION, project.description())
            .set(PROJECT.STATE, (long) project.state())
            .set(PROJECT.LABELS, project.labels().toByteArray())
            .where(PROJECT.IDENTIFIER.eq(project.identifier()))
            .execute()
        == 1;
  }

  /** One project. */
  public Optional<ProjectRow> find(String identifier) {
    return database
        .sql()
        .selectFrom(PROJECT)
        .where(PROJECT.IDENTIFIER.eq(identifier))
        .fetchOptional(ProjectTables::row);
  }

  /** One page of projects, by identifier; archived ones only when something is filtered by. */
  public Page<ProjectRow> list(ListQuery query) {
    var shown = query.filters().isEmpty() ? PROJECT.STATE.ne(ARCHIVED) : DSL.noCondition();
    return new PageQuery(
            PROJECT,
            shown,
            List.of(PROJECT.fields()),
            List.of(PROJECT.NAME, PROJECT.DESCRIPTION, PROJECT.LABELS),
            COLUMNS)
        .read(database, query, ProjectTables::row);
  }

  private static ProjectRow row(Record row) {
    return new ProjectRow(
        row.get(PROJECT.IDENTIFIER),
        row.get(PROJECT.NAME),
        row.get(PROJECT.DESCRIPTION),
        Math.toIntExact(row.get(PROJECT.STATE)),
        Rows.bytes(row.get(PROJECT.LABELS)));
  }
}
