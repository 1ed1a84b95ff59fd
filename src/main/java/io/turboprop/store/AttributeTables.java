package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Settings that match executions by project, domain, workflow and launch plan. */
public final class AttributeTables {
  private static final Table<Record> ATTRIBUTES = DSL.table(DSL.name("matchable_attributes"));
  private static final Field<Long> TYPE = DSL.field(DSL.name("resource_type"), Long.class);
  private static final Field<String> PROJECT = DSL.field(DSL.name("project"), String.class);
  private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), String.class);
  private static final Field<String> WORKFLOW = DSL.field(DSL.name("workflow"), String.class);
  private static final Field<String> LAUNCH_PLAN = DSL.field(DSL.name("launch_plan"), String.class);
  private static final Field<byte[]> VALUE = DSL.field(DSL.name("attributes"), byte[].class);

  /** The more is said, the earlier a row stands: launch plan, workflow, domain, project. */
  private static final List<Field<Boolean>> SPECIFIC_FIRST =
      List.of(
          DSL.field(LAUNCH_PLAN.ne("")),
          DSL.field(WORKFLOW.ne("")),
          DSL.field(DOMAIN.ne("")),
          DSL.field(PROJECT.ne("")));

  private final Database database;

  public AttributeTables(Database database) {
    this.database = database;
  }

  /** What a row matches; an empty part matches everything. */
  public record Target(String project, String domain, String workflow, String launchPlan) {}

  /**
   * One row.
   *
   * @param attributes a serialized {@code flyteidl.admin.MatchingAttributes}
   */
  public record AttributeRow(Target target, ByteString attributes) {}

  /**
   * Creates or replaces a row.
   *
   * @param type a number of {@code flyteidl.admin.MatchableResource}
   */
  public void put(int type, AttributeRow row) {
    var bytes = row.attributes().toByteArray();
    database
        .sql()
        .insertInto(ATTRIBUTES)
        .set(TYPE, (long) type)
        .set(PROJECT, row.target().project())
        .set(DOMAIN, row.target().domain())
        .set(WORKFLOW, row.target().workflow())
        .set(LAUNCH_PLAN, row.target().launchPlan())
        .set(VALUE, bytes)
        .onConflict(TYPE, PROJECT, DOMAIN, WORKFLOW, LAUNCH_PLAN)
        .doUpdate()
        .set(VALUE, bytes)
        .execute();
  }

  /** Deletes exactly this row, if it is there. */
  public void delete(int type, Target target) {
    database.sql().deleteFrom(ATTRIBUTES).where(exactly(type, target)).execute();
  }

  /** Exactly this row. */
  public Optional<AttributeRow> find(int type, Target target) {
    return database
        .sql()
        .selectFrom(ATTRIBUTES)
        .where(exactly(type, target))
        .fetchOptional(AttributeTables::row);
  }

  /** The most specific row that matches. */
  public Optional<AttributeRow> match(int type, Target target) {
    return database
        .sql()
        .select(DSL.asterisk())
        .from(ATTRIBUTES)
        .where(TYPE.eq((long) type))
        .and(PROJECT.in("", target.project()))
        .and(DOMAIN.in("", target.domain()))
        .and(WORKFLOW.in("", target.workflow()))
        .and(LAUNCH_PLAN.in("", target.launchPlan()))
        .orderBy(SPECIFIC_FIRST.stream().map(Field::desc).toList())
        .limit(1)
        .fetchOptional(AttributeTables::row);
  }

  /** All rows of a type, the most specific ones first. */
  public List<AttributeRow> list(int type) {
    return database
        .sql()
        .select(DSL.asterisk())
        .from(ATTRIBUTES)
        .where(TYPE.eq((long) type))
        .orderBy(SPECIFIC_FIRST.stream().map(Field::desc).toList())
        .fetch(AttributeTables::row);
  }

  private static Condition exactly(int type, Target target) {
    return TYPE.eq((long) type)
        .and(PROJECT.eq(target.project()))
        .and(DOMAIN.eq(target.domain()))
        .and(WORKFLOW.eq(target.workflow()))
        .and(LAUNCH_PLAN.eq(target.launchPlan()));
  }

  private static AttributeRow row(Record row) {
    return new AttributeRow(
        new Target(row.get(PROJECT), row.get(DOMAIN), row.get(WORKFLOW), row.get(LAUNCH_PLAN)),
        VersionedTable.bytes(row, VALUE));
  }
}
