package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.NodePath;
import java.util.ArrayList;
import java.util.Optional;

/**
 * The plans that dynamic nodes have made, by the attempt that made them. The first one of an
 * attempt stays: what is linked here may have been recorded in the journal.
 */
public final class DynamicPlanTables {
  /** The plan is stored only if it is the one of the attempt: else nobody would refer to it. */
  private static final String LINK =
      """
      with linked as (
        insert into dynamic_plan as known (execution_number, path, attempt, plan_digest, spec_uri)
        values (?, ?, ?, ?, ?)
        on conflict (execution_number, path, attempt) do update set plan_digest = known.plan_digest
        returning plan_digest),
      stored as (%s)
      select plan_digest from linked
      """
          .formatted(PlanTables.storing("select ?, ? from linked where plan_digest = ?"));

  private static final String FIND =
      "select plan_digest from dynamic_plan where execution_number = ? and path = ? and attempt = ?";

  private static final String COUNT_AROUND =
      """
      select count(*) as depth
      from unnest(?::text[], ?::int4[]) as around(path, attempt)
      join dynamic_plan as d on d.execution_number = ? and d.path = around.path and d.attempt = around.attempt
      """;

  private final Statements statements;

  public DynamicPlanTables(Database database) {
    this.statements = new Statements(database);
  }

  /**
   * Stores a plan and that this attempt of a node has made it; both or nothing. Stores neither if
   * the attempt has a plan.
   *
   * @param closure a serialized compiled workflow closure; opaque here
   * @param specUri where the task left what the plan was made of
   * @return the digest of the attempt's plan: another one if it had one already
   */
  public String link(
      long execution,
      NodePath node,
      int attempt,
      String digest,
      ByteString closure,
      String specUri) {
    return statements
        .first(
            LINK,
            Statements.Parameters.of(
                execution,
                node.text(),
                attempt,
                digest,
                specUri,
                digest,
                closure.toByteArray(),
                digest),
            row -> row.text("plan_digest"))
        .orElseThrow(() -> new IllegalStateException("nothing came back of plan " + digest));
  }

  /** The digest of the plan that this attempt of a node has made; empty when it has made none. */
  public Optional<String> find(long execution, NodePath node, int attempt) {
    return statements.first(
        FIND,
        Statements.Parameters.of(execution, node.text(), attempt),
        row -> row.text("plan_digest"));
  }

  /** How many of the nodes around a node are dynamic. */
  public int depth(long execution, NodePath node) {
    var paths = new ArrayList<String>();
    var attempts = new ArrayList<Integer>();
    for (var inner = node; inner.parent().isPresent(); inner = inner.parent().orElseThrow()) {
      paths.add(inner.parent().orElseThrow().text());
      attempts.add(inner.parentAttempt());
    }
    return paths.isEmpty()
        ? 0
        : statements
            .first(
                COUNT_AROUND,
                statement -> {
                  var connection = statement.getConnection();
                  statement.setArray(1, connection.createArrayOf("text", paths.toArray()));
                  statement.setArray(2, connection.createArrayOf("int4", attempts.toArray()));
                  statement.setLong(3, execution);
                },
                row -> row.integer("depth"))
            .orElse(0);
  }
}
