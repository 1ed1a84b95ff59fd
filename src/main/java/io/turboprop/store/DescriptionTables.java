package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** What clients say of the versions they register. */
public final class DescriptionTables {
  private static final Table<Record> DESCRIPTION = DSL.table(DSL.name("description_entity"));
  private static final Field<Long> ID = DSL.field(DSL.name("id"), Long.class);
  private static final Field<Long> TYPE = DSL.field(DSL.name("resource_type"), Long.class);
  private static final Field<String> PROJECT = DSL.field(DSL.name("project"), String.class);
  private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), String.class);
  private static final Field<String> NAME = DSL.field(DSL.name("name"), String.class);
  private static final Field<String> VERSION = DSL.field(DSL.name("version"), String.class);
  private static final Field<String> SHORT = DSL.field(DSL.name("short_description"), String.class);
  private static final Field<byte[]> MESSAGE = DSL.field(DSL.name("description"), byte[].class);
  private static final ListColumns COLUMNS =
      ListColumns.of("de", "description_entity", ID)
          .number("id", ID)
          .text("project", PROJECT)
          .text("domain", DOMAIN)
          .text("name", NAME)
          .text("version", VERSION)
          .text("short_description", SHORT)
          .moment("created_at", DSL.field(DSL.name("created_at"), OffsetDateTime.class));

  private final Database database;

  public DescriptionTables(Database database) {
    this.database = database;
  }

  /** Stores the description of a version; called in its transaction. */
  static void insert(DSLContext sql, EntityId id, NewDescription description) {
    sql.insertInto(DESCRIPTION)
        .set(TYPE, NamedEntityTables.number(id.kind()))
        .set(PROJECT, id.project())
        .set(DOMAIN, id.domain())
        .set(NAME, id.name())
        .set(VERSION, id.version())
        .set(SHORT, description.shortDescription())
        .set(MESSAGE, description.message().toByteArray())
        .onConflictDoNothing()
        .execute();
  }

  /** The description of a version: a serialized {@code flyteidl.admin.DescriptionEntity}. */
  public Optional<ByteString> find(EntityId id) {
    return database
        .sql()
        .select(MESSAGE)
        .from(DESCRIPTION)
        .where(in(id.kind(), new NameScope(id.project(), id.domain(), id.name())))
        .and(VERSION.eq(id.version()))
        .fetchOptional(row -> VersionedTable.bytes(row, MESSAGE));
  }

  /** One page of serialized descriptions. */
  public Page<ByteString> list(EntityId.Kind kind, NameScope scope, ListQuery query) {
    return new PageQuery(DESCRIPTION, in(kind, scope), List.of(MESSAGE), List.of(MESSAGE), COLUMNS)
        .read(database.sql(), query, row -> VersionedTable.bytes(row, MESSAGE));
  }

  private static Condition in(EntityId.Kind kind, NameScope scope) {
    return TYPE.eq(NamedEntityTables.number(kind))
        .and(PROJECT.eq(scope.project()))
        .and(DOMAIN.eq(scope.domain()))
        .and(NAME.eq(scope.name()));
  }
}
