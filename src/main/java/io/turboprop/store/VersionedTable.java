package io.turboprop.store;

import io.turboprop.data.EntityId;
import java.time.Instant;
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
import org.jooq.TableField;
import org.jooq.impl.DSL;

/**
 * The common part of the tables of tasks, workflows and launch plans.
 *
 * @param kind the kind of the table's entities
 * @param digest the column with the digest of the definition, which shows whether a second
 *     registration is the same
 */
record VersionedTable<R extends Record>(
    EntityId.Kind kind,
    Table<R> table,
    TableField<R, Long> id,
    TableField<R, String> project,
    TableField<R, String> domain,
    TableField<R, String> name,
    TableField<R, String> version,
    TableField<R, String> digest,
    TableField<R, Instant> createdAt) {

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
      Database database,
      Condition scope,
      List<Field<?>> sizes,
      ListColumns columns,
      ListQuery query,
      Function<Record, T> reader) {
    return new PageQuery(table, scope, List.of(table.fields()), sizes, columns)
        .read(database, query, reader);
  }

  /**
   * One version.
   *
   * @param large the column that may be large
   */
  <T> Optional<T> find(
      Database database, EntityId entity, TableField<R, byte[]> large, Function<Record, T> reader) {
    return database.largeReads().row(database.sql(), table, large, is(entity)).map(reader);
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
}
