package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.NAMED_ENTITY;

import io.turboprop.data.EntityId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Names that have at least one version, with what is said of them. */
public final class NamedEntityTables {
  private static final Map<String, Long> STATES =
      Map.of("NAMED_ENTITY_ACTIVE", 0L, "NAMED_ENTITY_ARCHIVED", 1L, "SYSTEM_GENERATED", 2L);
  private static final ListColumns COLUMNS =
      ListColumns.of("nen", "named_entity", NAMED_ENTITY.ID)
          .number("id", NAMED_ENTITY.ID)
          .number("resource_type", NAMED_ENTITY.RESOURCE_TYPE)
          .text("project", NAMED_ENTITY.PROJECT)
          .text("domain", NAMED_ENTITY.DOMAIN)
          .text("name", NAMED_ENTITY.NAME)
          .text("description", NAMED_ENTITY.DESCRIPTION)
          .numbered("state", NAMED_ENTITY.STATE, STATES)
          .text("entities.project", NAMED_ENTITY.PROJECT)
          .text("entities.domain", NAMED_ENTITY.DOMAIN)
          .text("entities.name", NAMED_ENTITY.NAME)
          .number("entities.resource_type", NAMED_ENTITY.RESOURCE_TYPE)
          .text("named_entity_metadata.description", NAMED_ENTITY.DESCRIPTION)
          .numbered("named_entity_metadata.state", NAMED_ENTITY.STATE, STATES);

  private final Database database;

  public NamedEntityTables(Database database) {
    this.database = database;
  }

  /**
   * A name with what is said of it.
   *
   * @param state a number of {@code flyteidl.admin.NamedEntityState}
   */
  public record NamedEntityRow(
      EntityId.Kind kind,
      String project,
      String domain,
      String name,
      String description,
      int state) {}

  /** Remembers the name of a version; called in its transaction. */
  static void insertName(DSLContext sql, EntityId id) {
    sql.insertInto(NAMED_ENTITY)
        .set(NAMED_ENTITY.RESOURCE_TYPE, number(id.kind()))
        .set(NAMED_ENTITY.PROJECT, id.project())
        .set(NAMED_ENTITY.DOMAIN, id.domain())
        .set(NAMED_ENTITY.NAME, id.name())
        .onConflictDoNothing()
        .execute();
  }

  /** One name. */
  public Optional<NamedEntityRow> find(EntityId.Kind kind, NameScope name) {
    return database
        .sql()
        .selectFrom(NAMED_ENTITY)
        .where(is(kind, name))
        .fetchOptional(row -> row(kind, row));
  }

  /** One page of names; those that the system made are hidden unless something is filtered by. */
  public Page<NamedEntityRow> list(EntityId.Kind kind, NameScope scope, ListQuery query) {
    var all = is(kind, scope);
    var shown = query.filters().isEmpty() ? all.and(NAMED_ENTITY.NAME.notLike(".flytegen%")) : all;
    return new PageQuery(
            NAMED_ENTITY,
            shown,
            List.of(NAMED_ENTITY.fields()),
            List.of(NAMED_ENTITY.NAME, NAMED_ENTITY.DESCRIPTION),
            COLUMNS)
        .read(database, query, row -> row(kind, row));
  }

  /**
   * Changes what is said of a name; false when there is no such name.
   *
   * @param description empty to leave it as it is
   */
  public boolean update(EntityId.Kind kind, NameScope name, String description, int state) {
    var update = database.sql().update(NAMED_ENTITY).set(NAMED_ENTITY.STATE, (long) state);
    var described =
        description.isEmpty() ? update : update.set(NAMED_ENTITY.DESCRIPTION, description);
    return described.where(is(kind, name)).execute() == 1;
  }

  private static Condition is(EntityId.Kind kind, NameScope scope) {
    var inDomain =
        NAMED_ENTITY
            .RESOURCE_TYPE
            .eq(number(kind))
            .and(NAMED_ENTITY.PROJECT.eq(scope.project()))
            .and(NAMED_ENTITY.DOMAIN.eq(scope.domain()));
    return scope.name().isEmpty() ? inDomain : inDomain.and(NAMED_ENTITY.NAME.eq(scope.name()));
  }

  /** The number of {@code flyteidl.core.ResourceType}. */
  static long number(EntityId.Kind kind) {
    return switch (kind) {
      case UNSPECIFIED -> 0;
      case TASK -> 1;
      case WORKFLOW -> 2;
      case LAUNCH_PLAN -> 3;
      case DATASET -> 4;
    };
  }

  private static NamedEntityRow row(EntityId.Kind kind, Record row) {
    return new NamedEntityRow(
        kind,
        row.get(NAMED_ENTITY.PROJECT),
        row.get(NAMED_ENTITY.DOMAIN),
        row.get(NAMED_ENTITY.NAME),
        row.get(NAMED_ENTITY.DESCRIPTION),
        Math.toIntExact(row.get(NAMED_ENTITY.STATE)));
  }
}
