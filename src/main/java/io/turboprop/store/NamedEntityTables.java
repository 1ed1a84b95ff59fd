package io.turboprop.store;

import io.turboprop.data.EntityId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Names that have at least one version, with what is said of them. */
public final class NamedEntityTables {
  private static final Table<Record> ENTITY = DSL.table(DSL.name("named_entity"));
  private static final Field<Long> ID = DSL.field(DSL.name("id"), Long.class);
  private static final Field<Long> TYPE = DSL.field(DSL.name("resource_type"), Long.class);
  private static final Field<String> PROJECT = DSL.field(DSL.name("project"), String.class);
  private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), String.class);
  private static final Field<String> NAME = DSL.field(DSL.name("name"), String.class);
  private static final Field<String> DESCRIPTION = DSL.field(DSL.name("description"), String.class);
  private static final Field<Long> STATE = DSL.field(DSL.name("state"), Long.class);
  private static final Map<String, Long> STATES =
      Map.of("NAMED_ENTITY_ACTIVE", 0L, "NAMED_ENTITY_ARCHIVED", 1L, "SYSTEM_GENERATED", 2L);
  private static final ListColumns COLUMNS =
      ListColumns.of("nen", "named_entity", ID)
          .number("id", ID)
          .number("resource_type", TYPE)
          .text("project", PROJECT)
          .text("domain", DOMAIN)
          .text("name", NAME)
          .text("description", DESCRIPTION)
          .numbered("state", STATE, STATES)
          .text("entities.project", PROJECT)
          .text("entities.domain", DOMAIN)
          .text("entities.name", NAME)
          .number("entities.resource_type", TYPE)
          .text("named_entity_metadata.description", DESCRIPTION)
          .numbered("named_entity_metadata.state", STATE, STATES);

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
    sql.insertInto(ENTITY)
        .set(TYPE, number(id.kind()))
        .set(PROJECT, id.project())
        .set(DOMAIN, id.domain())
        .set(NAME, id.name())
        .onConflictDoNothing()
        .execute();
  }

  /** One name. */
  public Optional<NamedEntityRow> find(EntityId.Kind kind, NameScope name) {
    return database
        .sql()
        .selectFrom(ENTITY)
        .where(is(kind, name))
        .fetchOptional(row -> row(kind, row));
  }

  /** One page of names; those that the system made are hidden unless something is filtered by. */
  public Page<NamedEntityRow> list(EntityId.Kind kind, NameScope scope, ListQuery query) {
    var all = is(kind, scope);
    var shown = query.filters().isEmpty() ? all.and(NAME.notLike(".flytegen%")) : all;
    return new PageQuery(
            ENTITY, shown, List.of(DSL.asterisk()), List.of(NAME, DESCRIPTION), COLUMNS)
        .read(database.sql(), query, row -> row(kind, row));
  }

  /**
   * Changes what is said of a name; false when there is no such name.
   *
   * @param description empty to leave it as it is
   */
  public boolean update(EntityId.Kind kind, NameScope name, String description, int state) {
    var update = database.sql().update(ENTITY).set(STATE, (long) state);
    var described = description.isEmpty() ? update : update.set(DESCRIPTION, description);
    return described.where(is(kind, name)).execute() == 1;
  }

  private static Condition is(EntityId.Kind kind, NameScope scope) {
    var inDomain =
        TYPE.eq(number(kind)).and(PROJECT.eq(scope.project())).and(DOMAIN.eq(scope.domain()));
    return scope.name().isEmpty() ? inDomain : inDomain.and(NAME.eq(scope.name()));
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
        row.get(PROJECT),
        row.get(DOMAIN),
        row.get(NAME),
        row.get(DESCRIPTION),
        Math.toIntExact(row.get(STATE)));
  }
}
