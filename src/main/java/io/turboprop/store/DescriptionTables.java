package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.DESCRIPTION_ENTITY;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** The descriptions of registered versions. */
public final class DescriptionTables {
  private static final ListColumns COLUMNS =
      ListColumns.of("de", "description_entity", DESCRIPTION_ENTITY.ID)
          .number("id", DESCRIPTION_ENTITY.ID)
          .text("project", DESCRIPTION_ENTITY.PROJECT)
          .text("domain", DESCRIPTION_ENTITY.DOMAIN)
          .text("name", DESCRIPTION_ENTITY.NAME)
          .text("version", DESCRIPTION_ENTITY.VERSION)
          .text("short_description", DESCRIPTION_ENTITY.SHORT_DESCRIPTION)
          .moment("created_at", DESCRIPTION_ENTITY.CREATED_AT);

  private final Database database;

  public DescriptionTables(Database database) {
    this.database = database;
  }

  /** Stores the description of a version; called in its transaction. */
  static void insert(DSLContext sql, EntityId id, NewDescription description) {
    sql.insertInto(DESCRIPTION_ENTITY)
        .set(DESCRIPTION_ENTITY.RESOURCE_TYPE, NamedEntityTables.number(id.kind()))
        .set(DESCRIPTION_ENTITY.PROJECT, id.project())
        .set(DESCRIPTION_ENTITY.DOMAIN, id.domain())
        .set(DESCRIPTION_ENTITY.NAME, id.name())
        .set(DESCRIPTION_ENTITY.VERSION, id.version())
        .set(DESCRIPTION_ENTITY.SHORT_DESCRIPTION, description.shortDescription())
        .set(DESCRIPTION_ENTITY.DESCRIPTION, description.message().toByteArray())
        .onConflictDoNothing()
        .execute();
  }

  /** The description of a version: a serialized {@code flyteidl.admin.DescriptionEntity}. */
  public Optional<ByteString> find(EntityId id) {
    return database
        .sql()
        .select(DESCRIPTION_ENTITY.DESCRIPTION)
        .from(DESCRIPTION_ENTITY)
        .where(in(id.kind(), new NameScope(id.project(), id.domain(), id.name())))
        .and(DESCRIPTION_ENTITY.VERSION.eq(id.version()))
        .fetchOptional(row -> Rows.bytes(row.get(DESCRIPTION_ENTITY.DESCRIPTION)));
  }

  /** One page of serialized descriptions. */
  public Page<ByteString> list(EntityId.Kind kind, NameScope scope, ListQuery query) {
    return new PageQuery(
            DESCRIPTION_ENTITY,
            in(kind, scope),
            List.of(DESCRIPTION_ENTITY.DESCRIPTION),
            List.of(DESCRIPTION_ENTITY.DESCRIPTION),
            COLUMNS)
        .read(database, query, row -> Rows.bytes(row.get(DESCRIPTION_ENTITY.DESCRIPTION)));
  }

  private static Condition in(EntityId.Kind kind, NameScope scope) {
    return DESCRIPTION_ENTITY
        .RESOURCE_TYPE
        .eq(NamedEntityTables.number(kind))
        .and(DESCRIPTION_ENTITY.PROJECT.eq(scope.project()))
        .and(DESCRIPTION_ENTITY.DOMAIN.eq(scope.domain()))
        .and(DESCRIPTION_ENTITY.NAME.eq(scope.name()));
  }
}
