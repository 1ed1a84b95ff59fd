package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.DYNAMIC_PLAN;
import static io.turboprop.store.jooq.Tables.PLAN;

import com.google.protobuf.ByteString;
import io.turboprop.data.NodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Row2;
import org.jooq.impl.DSL;

/**
 * The plans that dynamic nodes have made, by the attempt that made them. The first one of an
 * attempt stays: what is linked here may have been recorded in the journal.
 */
public final class DynamicPlanTables {
  private final Database database;

  public DynamicPlanTables(Database database) {
    this.database = database;
  }

  /**
   * Stores a plan and that this attempt of a node has made it; both or nothing. Stores neither if
   * the attempt has a plan.
   *
   * @param closure a serialized compiled workflow closure; opaque here
   * @param specUri the location of the task's graph, from which the plan was made
   * @return the digest of the attempt's plan: another one if it had one already
   */
  public String link(
      long execution,
      NodePath node,
      int attempt,
      String digest,
      ByteString closure,
      String specUri) {
    var linked =
        DSL.name("linked")
            .as(
                DSL.insertInto(DYNAMIC_PLAN)
                    .set(DYNAMIC_PLAN.EXECUTION_NUMBER, execution)
                    .set(DYNAMIC_PLAN.PATH, node.text())
                    .set(DYNAMIC_PLAN.ATTEMPT, attempt)
                    .set(DYNAMIC_PLAN.PLAN_DIGEST, digest)
                    .set(DYNAMIC_PLAN.SPEC_URI, Rows.withoutNul(specUri))
                    .onConflict(
                        DYNAMIC_PLAN.EXECUTION_NUMBER, DYNAMIC_PLAN.PATH, DYNAMIC_PLAN.ATTEMPT)
                    .doUpdate()
                    .set(DYNAMIC_PLAN.PLAN_DIGEST, DYNAMIC_PLAN.PLAN_DIGEST)
                    .returningResult(DYNAMIC_PLAN.PLAN_DIGEST));
    var linkedDigest = linked.field(DYNAMIC_PLAN.PLAN_DIGEST);
    // stored only if it is the plan of the attempt: otherwise no row would refer to it
    var stored =
        DSL.name("stored")
            .as(
                PlanTables.storing(
                        DSL.insertInto(PLAN, PLAN.DIGEST, PLAN.CLOSURE)
                            .select(
                                DSL.select(DSL.val(digest), DSL.val(closure.toByteArray()))
                                    .from(linked)
                                    .where(linkedDigest.eq(digest))))
                    .returningResult(PLAN.DIGEST));
    return database
        .sql()
        .with(linked, stored)
        .select(linkedDigest)
        .from(linked)
        .fetchSingle()
        .value1();
  }

  /** The digest of the plan that this attempt of a node has made; empty when it has made none. */
  public Optional<String> find(long execution, NodePath node, int attempt) {
    return database
        .sql()
        .select(DYNAMIC_PLAN.PLAN_DIGEST)
        .from(DYNAMIC_PLAN)
        .where(DYNAMIC_PLAN.EXECUTION_NUMBER.eq(execution))
        .and(DYNAMIC_PLAN.PATH.eq(node.text()))
        .and(DYNAMIC_PLAN.ATTEMPT.eq(attempt))
        .fetchOptional(DYNAMIC_PLAN.PLAN_DIGEST);
  }

  /** A plan that an attempt (from 0) of a node has made. */
  public record DynamicPlan(NodePath node, int attempt, String digest) {}

  /** The plans that the nodes of an execution have made, at most {@code limit}. */
  public List<DynamicPlan> list(long execution, int limit) {
    return database
        .sql()
        .select(DYNAMIC_PLAN.PATH, DYNAMIC_PLAN.ATTEMPT, DYNAMIC_PLAN.PLAN_DIGEST)
        .from(DYNAMIC_PLAN)
        .where(DYNAMIC_PLAN.EXECUTION_NUMBER.eq(execution))
        .orderBy(DYNAMIC_PLAN.PATH, DYNAMIC_PLAN.ATTEMPT)
        .limit(limit)
        .fetch(row -> new DynamicPlan(new NodePath(row.value1()), row.value2(), row.value3()));
  }

  /** How many of the nodes around a node are dynamic. */
  public int depth(long execution, NodePath node) {
    var around = new ArrayList<Row2<String, Integer>>();
    for (var inner = node; inner.parent().isPresent(); inner = inner.parent().orElseThrow()) {
      around.add(DSL.row(inner.parent().orElseThrow().text(), inner.parentAttempt()));
    }
    return around.isEmpty()
        ? 0
        : database
            .sql()
            .fetchCount(
                DYNAMIC_PLAN,
                DYNAMIC_PLAN.EXECUTION_NUMBER.eq(execution),
                DSL.row(DYNAMIC_PLAN.PATH, DYNAMIC_PLAN.ATTEMPT).in(around));
  }
}
