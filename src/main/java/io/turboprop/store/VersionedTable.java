package io.turboprop.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.turboprop.data.EntityId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** What the tables of tasks, workflows and launch plans have in common. */
final class VersionedTable {
  final EntityId.Kind kind;
  final Table<Record> table;
  final Field<Long> id;
  final Field<String> project;
  final Field<String> domain;
  final Field<String> name;
  final Field<String> version;
  final Field<String> digest;
  final Field<OffsetDateTime> createdAt;

  VersionedTable(EntityId.Kind kind, String table) {
    this.kind = kind;
    this.table = DSL.table(DSL.name(table));
    this.id = field("id", Long.class);
    this.project = field("project", String.class);
    this.domain = field("domain", String.class);
    this.name = field("name", String.class);
    this.version = field("version", String.class);
    this.digest = field("digest", String.class);
    this.createdAt = field("created_at", OffsetDateTime.class);
  }

  <T> Field<T> field(String column, Class<T> type) {
    return DSL.field(DSL.name(table.getName(), column), type);
  }

  /** The fields that every one of these lists may be filtered and sorted by. */
  ListColumns listColumns(String code) {
    return ListColumns.of(code, table.getName(), id)
        .number("id", id)
        .text("project", project)
        .text("domain", domain)
        .text("name", name)
        .text("version", version)
        .moment("created_at", createdAt)
        .unsortedBy("created_at");
  }

  /** One page of the versions of a scope. */
  <T> Page<T> page(
      DSLContext sql,
      Condition scope,
      List<Field<?>> sizes,
      ListColumns columns,
      ListQuery query,
      Function<Record, T> reader) {
    return new PageQuery(table, scope, List.of(table.asterisk()), sizes, columns)
        .read(sql, query, reader);
  }

  Condition is(EntityId entity) {
    return project
        .eq(entity.project())
        .and(domain.eq(entity.domain()))
        .and(name.eq(entity.name()))
        .and(version.eq(entity.version()));
  }

  Condition isOneOf(Collection<EntityId> entities) {
    return DSL.row(project, domain, name, version)
        .in(
            entities.stream()
                .map(entity ->
                    DSL.row(entity.project(), entity.domain(), entity.name(), entity.version()))
                .toList());
  }

  Condition in(NameScope scope) {
    var inDomain = project.eq(scope.project()).and(domain.eq(scope.domain()));
    return scope.name().isEmpty() ? inDomain : inDomain.and(name.eq(scope.name()));
  }

  /** The digest of a version that is there. */
  Optional<String> digest(DSLContext sql, EntityId entity) {
    return sql.select(digest).from(table).where(is(entity)).fetchOptional(digest);
  }

  /**
   * Inserts a version, its name and its description.
   *
   * @return false when the version is there already; then nothing is changed
   */
  boolean insert(
      DSLContext sql,
      EntityId entity,
      String contentDigest,
      Map<Field<?>, Object> columns,
      Optional<NewDescription> description) {
    var all = new HashMap<Field<?>, Object>(columns);
    all.put(project, entity.project());
    all.put(domain, entity.domain());
    all.put(name, entity.name());
    all.put(version, entity.version());
    all.put(digest, contentDigest);
    var inserted = sql.insertInto(table).set(all).onConflictDoNothing().execute() == 1;
    if (inserted) {
      NamedEntityTables.insertName(sql, entity);
      description.ifPresent(text -> DescriptionTables.insert(sql, entity, text));
    }
    return inserted;
  }

  EntityId entity(Record row) {
    return new EntityId(kind, row.get(project), row.get(domain), row.get(name), row.get(version));
  }

  Instant createdAt(Record row) {
    return row.get(createdAt).toInstant();
  }

  /** A column of bytes, which nobody changes afterwards. */
  static ByteString bytes(Record row, Field<byte[]> field) {
    return UnsafeByteOperations.unsafeWrap(row.get(field));
  }
}
