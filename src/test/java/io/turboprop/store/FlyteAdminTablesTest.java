package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.FlyteAdminTables.Position;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class FlyteAdminTablesTest {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int RUNNING = 2;

  private Database database;
  private FlyteAdminTables tables;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
    tables = new FlyteAdminTables(database);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void theFirstStepOfAnExecutionOfAResourceMakesItsRow() {
    var ofResource = accept("of-resource");
    var ofClient = accept("of-client");
    makeResource(ofResource);
    begin(ReportedExecutions.RESOURCES, ofResource, ofClient);
    var position = lease();
    assertThat(position)
        .isEqualTo(new Position(ofResource.number(), ofResource.id(), 0, 0, 0, position.lease()));
  }

  @Test
  void withoutFlyteAdminThereAreNoRowsUntilThereIsOne() {
    var execution = accept("a");
    begin(ReportedExecutions.NONE, execution);
    assertThat(tables.lease(HOUR, 10)).isEmpty();

    assertThat(tables.enrolUnended(ReportedExecutions.ALL)).isEqualTo(1);
    assertThat(tables.enrolUnended(ReportedExecutions.ALL)).isZero();
    assertThat(tables.lease(HOUR, 10)).hasSize(1);
  }

  @Test
  void oneLeaseAtATimeIsValidAndRecordsHowFarTheSendIs() {
    var execution = accept("a");
    begin(ReportedExecutions.ALL, execution);
    var first = tables.lease(HOUR, 10, List.of(execution.number())).getFirst();
    assertThat(tables.lease(HOUR, 10)).isEmpty();

    assertThat(tables.answered(first, HOUR, 0, 2)).isTrue();
    tables.release(first);
    var second = lease();
    assertThat(second)
        .isEqualTo(new Position(execution.number(), execution.id(), 0, 2, 0, second.lease()));

    assertThat(tables.unsent().executions()).isEqualTo(1);
    assertThat(tables.answered(second, HOUR, 1, 0)).isTrue();
    assertThat(tables.unsent().executions()).isZero();
    tables.release(second);
    assertThat(tables.lease(HOUR, 10)).isEmpty();
  }

  /** Whichever node has the next lease, also the same. */
  @Test
  void aSendThatHasOutlivedItsLeaseRecordsNothingMore() {
    var execution = accept("a");
    begin(ReportedExecutions.ALL, execution);
    var ended = tables.lease(Duration.ofMillis(-1), 10).getFirst();
    var next = lease();
    assertThat(tables.answered(ended, HOUR, 1, 0)).isFalse();
    tables.postpone(ended, HOUR);
    tables.release(ended);
    tables.finish(ended);
    assertThat(tables.unsent().executions()).isEqualTo(1);
    assertThat(tables.answered(next, HOUR, 1, 0)).isTrue();
  }

  @Test
  void afterAFailureItWaitsAndItsFailuresAreCountedUntilTheNextAnswer() {
    var execution = accept("a");
    begin(ReportedExecutions.ALL, execution);
    tables.postpone(lease(), HOUR);
    assertThat(tables.lease(HOUR, 10)).isEmpty();

    var second = accept("b");
    begin(ReportedExecutions.ALL, second);
    var position = lease();
    assertThat(position.failures()).isZero();
    tables.postpone(position, Duration.ofMillis(-1));
    position = lease();
    assertThat(position.failures()).isEqualTo(1);
    tables.finish(position);
    assertThat(tables.unsent().executions()).isEqualTo(1);
  }

  @Test
  void theEndOfAChildAtFlyteAdminWakesItsParentOnce() {
    var children = new FlyteAdminChildTables(database);
    var parent = accept("parent");
    begin(ReportedExecutions.NONE, parent);
    var child = TestingPlans.execution("parent-n0-0", NOW).id();
    for (int i = 0; i < 2; i++) {
      children.watch(child, parent.number(), "n0", NodePath.root("n0"), 0, HOUR);
    }
    assertThat(children.takeDue(HOUR, 10)).isEmpty();
    assertThat(children.lookNow(child)).isTrue();
    assertThat(children.takeDue(HOUR, 10)).containsExactly(child);

    assertThat(children.ended(child)).contains(new ParentNode(parent.id(), NodePath.root("n0")));
    assertThat(children.ended(child)).isEmpty();
    assertThat(children.lookNow(child)).isFalse();
    assertThat(new WakeUpTables(database).unseen(List.of(parent.number())).getFirst().nodes())
        .containsExactly(NodePath.root("n0"));
  }

  /** Leases the only execution that is due. */
  private Position lease() {
    var positions = tables.lease(HOUR, 10);
    assertThat(positions).hasSize(1);
    return positions.getFirst();
  }

  private AcceptedExecution accept(String name) {
    return new AcceptanceTables(database).accept(TestingPlans.execution(name, NOW)).orElseThrow();
  }

  private void makeResource(AcceptedExecution execution) {
    database
        .sql()
        .execute(
            "insert into flyte_workflow_resource (uid, namespace, name, execution_number, plan_digest, size_bytes)"
                + " values ('u', 'n', 'r', ?, 'digest', 1)",
            execution.number());
  }

  /** Publishes the first step: each runs, and has a node. */
  private void begin(ReportedExecutions reported, AcceptedExecution... executions) {
    var steps =
        List.of(executions).stream()
            .map(each -> ExecutionChange.step(each.number(), 1, NOW))
            .toList();
    var nodes =
        List.of(executions).stream()
            .map(each ->
                new NodeExecutionChange(
                    new NodeExecutionChange.Key(each.number(), "n0"),
                    NodePath.root("n0"),
                    null,
                    false,
                    RUNNING,
                    0,
                    new Timestamps(NOW, NOW, NOW, null),
                    null,
                    null,
                    null,
                    null))
            .toList();
    new ProgressTables(database, reported).write(new Changes(steps, nodes, List.of(), List.of()));
  }
}
