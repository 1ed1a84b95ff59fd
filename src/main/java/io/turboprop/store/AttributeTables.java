package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.MATCHABLE_ATTRIBUTES;

import com.google.protobuf.ByteString;
import io.turboprop.store.jooq.tables.records.MatchableAttributesRecord;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** Settings that match executions by project, domain, workflow and launch plan. */
public final class AttributeTables {
  /** Sorts more specific rows first: launch plan, workflow, domain, project. */
  private static final List<Field<Boolean>> SPECIFIC_FIRST =
      List.of(
          DSL.field(MATCHABLE_ATTRIBUTES.LAUNCH_PLAN.ne("")),
          DSL.field(MATCHABLE_ATTRIBUTES.WORKFLOW.ne("")),
          DSL.field(MATCHABLE_ATTRIBUTES.DOMAIN.ne("")),
          DSL.field(MATCHABLE_ATTRIBUTES.PROJECT.ne("")));

  private final Database database;

  public AttributeTables(Database database) {
    this.database = database;
  }

  /** The target of a row of attributes; an empty part matches everything. */
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
        .insertInto(MATCHABLE_ATTRIBUTES)
        .set(MATCHABLE_ATTRIBUTES.RESOURCE_TYPE, (long) type)
        .set(MATCHABLE_ATTRIBUTES.PROJECT, row.target().project())
        .set(MATCHABLE_ATTRIBUTES.DOMAIN, row.target().domain())
        .set(MATCHABLE_ATTRIBUTES.WORKFLOW, row.target().workflow())
        .set(MATCHABLE_ATTRIBUTES.LAUNCH_PLAN, row.target().launchPlan())
        .set(MATCHABLE_ATTRIBUTES.ATTRIBUTES, bytes)
        .onConflict(
            MATCHABLE_ATTRIBUTES.RESOURCE_TYPE,
            MATCHABLE_ATTRIBUTES.PROJECT,
            MATCHABLE_ATTRIBUTES.DOMAIN,
            MATCHABLE_ATTRIBUTES.WORKFLOW,
            MATCHABLE_ATTRIBUTES.LAUNCH_PLAN)
        .doUpdate()
        .set(MATCHABLE_ATTRIBUTES.ATTRIBUTES, bytes)
        .execute();
  }

  /** Deletes exactly this row, if it is there. */
  public void delete(int type, Target target) {
    database.sql().deleteFrom(MATCHABLE_ATTRIBUTES).where(exactly(type, target)).execute();
  }

  /** Exactly this row. */
  public Optional<AttributeRow> find(int type, Target target) {
    return database
        .sql()
        .selectFrom(MATCHABLE_ATTRIBUTES)
        .where(exactly(type, target))
        .fetchOptional(AttributeTables::row);
  }

  /** The most specific row that matches. */
  public Optional<AttributeRow> match(int type, Target target) {
    return database
        .sql()
        .selectFrom(MATCHABLE_ATTRIBUTES)
        .where(MATCHABLE_ATTRIBUTES.RESOURCE_TYPE.eq((long) type))
        .and(MATCHABLE_ATTRIBUTES.PROJECT.in("", target.project()))
        .and(MATCHABLE_ATTRIBUTES.DOMAIN.in("", target.domain()))
        .and(MATCHABLE_ATTRIBUTES.WORKFLOW.in("", target.workflow()))
        .and(MATCHABLE_ATTRIBUTES.LAUNCH_PLAN.in("", target.launchPlan()))
        .orderBy(SPECIFIC_FIRST.stream().map(Field::desc).toList())
        .limit(1)
        .fetchOptional(AttributeTables::row);
  }

  /** All rows of a type, the most specific ones first. */
  public List<AttributeRow> list(int type) {
    return database
        .sql()
        .selectFrom(MATCHABLE_ATTRIBUTES)
        .where(MATCHABLE_ATTRIBUTES.RESOURCE_TYPE.eq((long) type))
        .orderBy(SPECIFIC_FIRST.stream().map(Field::desc).toList())
        .fetch(AttributeTables::row);
  }

  private static Condition exactly(int type, Target target) {
    return MATCHABLE_ATTRIBUTES
        .RESOURCE_TYPE
        .eq((long) type)
        .and(MATCHABLE_ATTRIBUTES.PROJECT.eq(target.project()))
        .and(MATCHABLE_ATTRIBUTES.DOMAIN.eq(target.domain()))
        .and(MATCHABLE_ATTRIBUTES.WORKFLOW.eq(target.workflow()))
        .and(MATCHABLE_ATTRIBUTES.LAUNCH_PLAN.eq(target.launchPlan()));
  }

  private static AttributeRow row(MatchableAttributesRecord row) {
    return new AttributeRow(
        new Target(row.getProject(), row.getDomain(), row.getWorkflow(), row.getLaunchPlan()),
        Rows.bytes(row.getAttributes()));
  }
}
