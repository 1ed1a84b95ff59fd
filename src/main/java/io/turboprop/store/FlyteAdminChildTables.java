package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.FLYTEADMIN_CHILD;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * The executions that launch plan nodes have created through a FlyteAdmin. A row is there before
 * the execution, so that its end is looked for whatever happens to the node that creates it.
 */
public final class FlyteAdminChildTables {
  private final Database database;

  public FlyteAdminChildTables(Database database) {
    this.database = database;
  }

  /**
   * Has a child watched for a node; does nothing if it is watched already.
   *
   * @param parent the number of the node's execution
   * @param nodeId the node's id, as clients see it
   */
  public void watch(
      ExecutionId child, long parent, String nodeId, NodePath node, int attempt, Duration pause) {
    database
        .sql()
        .insertInto(FLYTEADMIN_CHILD)
        .set(FLYTEADMIN_CHILD.PROJECT, child.project())
        .set(FLYTEADMIN_CHILD.DOMAIN, child.domain())
        .set(FLYTEADMIN_CHILD.NAME, child.name())
        .set(FLYTEADMIN_CHILD.PARENT_NUMBER, parent)
        .set(FLYTEADMIN_CHILD.PARENT_NODE_ID, nodeId)
        .set(FLYTEADMIN_CHILD.PARENT_PATH, node.text())
        .set(FLYTEADMIN_CHILD.PARENT_ATTEMPT, attempt)
        .set(FLYTEADMIN_CHILD.LOOK_AT, after(pause))
        .onConflictDoNothing()
        .execute();
  }

  /**
   * Takes children that FlyteAdmin is to be asked about now; those whose parents have ended are
   * left out.
   *
   * @param pause after which each is due again
   */
  public List<ExecutionId> takeDue(Duration pause, int most) {
    var child = FLYTEADMIN_CHILD.as("due");
    return database
        .sql()
        .update(FLYTEADMIN_CHILD)
        .set(FLYTEADMIN_CHILD.LOOK_AT, after(pause))
        .where(
            DSL.row(FLYTEADMIN_CHILD.PROJECT, FLYTEADMIN_CHILD.DOMAIN, FLYTEADMIN_CHILD.NAME)
                .in(
                    DSL.select(child.PROJECT, child.DOMAIN, child.NAME)
                        .from(child)
                        .join(EXECUTION)
                        .on(EXECUTION.NUMBER.eq(child.PARENT_NUMBER))
                        .where(
                            DSL.not(DSL.condition(child.ENDED)),
                            DSL.not(DSL.condition(EXECUTION.FINAL)),
                            child.LOOK_AT.le(Rows.NOW))
                        .orderBy(child.LOOK_AT)
                        .limit(most)
                        .forUpdate()
                        .of(child)
                        .skipLocked()))
        .returningResult(FLYTEADMIN_CHILD.PROJECT, FLYTEADMIN_CHILD.DOMAIN, FLYTEADMIN_CHILD.NAME)
        .fetch(row -> new ExecutionId(row.value1(), row.value2(), row.value3()));
  }

  /** Makes a child due; whether it is watched and had not ended. */
  public boolean lookNow(ExecutionId child) {
    return database
            .sql()
            .update(FLYTEADMIN_CHILD)
            .set(FLYTEADMIN_CHILD.LOOK_AT, Rows.OVERDUE)
            .where(is(child), DSL.not(DSL.condition(FLYTEADMIN_CHILD.ENDED)))
            .execute()
        > 0;
  }

  /**
   * Records that a child has ended, and makes the execution that waits for it due if it sleeps.
   *
   * @return the node to notify; empty if there is none, or if it was recorded before
   */
  public Optional<ParentNode> ended(ExecutionId child) {
    return database.transaction(transaction -> {
      var parent =
          transaction
              .update(FLYTEADMIN_CHILD)
              .set(FLYTEADMIN_CHILD.ENDED, true)
              .where(is(child), DSL.not(DSL.condition(FLYTEADMIN_CHILD.ENDED)))
              .returningResult(FLYTEADMIN_CHILD.PARENT_NUMBER, FLYTEADMIN_CHILD.PARENT_PATH)
              .fetchOptional();
      return parent.flatMap(row ->
          transaction
              .update(EXECUTION)
              .set(EXECUTION.WAKE_UP, DSL.when(EXECUTION.WAKE_UP.isNotNull(), Rows.OVERDUE))
              .where(EXECUTION.NUMBER.eq(row.value1()), DSL.not(DSL.condition(EXECUTION.FINAL)))
              .returningResult(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
              .fetchOptional(id ->
                  new ParentNode(
                      new ExecutionId(id.value1(), id.value2(), id.value3()),
                      new NodePath(row.value2()))));
    });
  }

  private static Condition is(ExecutionId child) {
    return FLYTEADMIN_CHILD
        .PROJECT
        .eq(child.project())
        .and(FLYTEADMIN_CHILD.DOMAIN.eq(child.domain()))
        .and(FLYTEADMIN_CHILD.NAME.eq(child.name()));
  }

  private static Field<Instant> after(Duration pause) {
    return DSL.field(
        "clock_timestamp() + {0} * interval '1 millisecond'",
        SQLDataType.INSTANT, DSL.val(pause.toMillis()));
  }
}
