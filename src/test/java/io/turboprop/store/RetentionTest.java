package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.workflow.entity.WorkflowEntity;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class RetentionTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration KEEP = Duration.ofDays(30);

  private Database database;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void onlyWhatEndedLongAgoIsDeletedAndNothingOfItIsLeft() {
    ended("old1", NOW.minus(KEEP).minusSeconds(1));
    ended("old2", NOW.minus(KEEP).minusSeconds(1));
    ended("old3", NOW.minus(KEEP).minusSeconds(1));
    ended("young", NOW.minus(KEEP).plusSeconds(1));
    accepted("running");

    assertThat(retention().sweep()).isEqualTo(3);

    assertThat(names("execution", "name")).isEqualTo("running,young");
    for (var table : new String[] {"event_journal", "snapshot"}) {
      assertThat(names(table, "persistence_id"))
          .isEqualTo("workflow|p:d:running,workflow|p:d:young");
    }
    assertThat(database.sql().fetchCount(database.sql().selectOne().from("node_execution")))
        .isEqualTo(2);
    assertThat(retention().sweep()).isZero();
  }

  @Test
  void filesGoFirstAndWhatCannotBeDeletedStaysForTheNextSweepAndStopsNobody() {
    ended("old1", NOW.minus(KEEP).minusSeconds(1));
    ended("old2", NOW.minus(KEEP).minusSeconds(1));
    ended("old3", NOW.minus(KEEP).minusSeconds(1));
    var broken =
        retention(old -> {
          assertThat(names("execution", "name")).contains(old.id().name());
          if (!old.id().name().equals("old3")) {
            throw new IOException("the disk is away");
          }
        });

    assertThat(broken.sweep()).isEqualTo(1);

    assertThat(names("execution", "name")).isEqualTo("old1,old2");
    assertThat(names("event_journal", "persistence_id"))
        .isEqualTo("workflow|p:d:old1,workflow|p:d:old2");
    assertThat(retention().sweep()).isEqualTo(2);
  }

  @Test
  void aChildStaysAsLongAsItsParentWhichMayReferToItsOutputs() {
    accepted("parent");
    ended("child", NOW.minus(KEEP).minusSeconds(1));
    ended("grandchild", NOW.minus(KEEP).minusSeconds(1));
    startedBy("child", "parent");
    startedBy("grandchild", "child");

    assertThat(retention().sweep()).isZero();
    end("parent", NOW.minus(KEEP).plusSeconds(1));
    assertThat(retention().sweep()).isZero();

    end("parent", NOW.minus(KEEP).minusSeconds(1));
    assertThat(retention().sweep() + retention().sweep() + retention().sweep()).isEqualTo(3);
  }

  @Test
  void anExecutionStaysUntilTheOneThatReusesItsResultsHasEnded() {
    ended("source", NOW.minus(KEEP).minusSeconds(1));
    ended("child", NOW.minus(KEEP).minusSeconds(1));
    startedBy("child", "source");
    accepted("recovery");
    repeats("recovery", "source");

    assertThat(retention().sweep()).isZero();

    end("recovery", NOW);
    assertThat(retention().sweep()).isEqualTo(2);
    assertThat(names("execution", "name")).isEqualTo("recovery");
  }

  @Test
  void anExecutionKnowsThatTheOneWhoseResultsItReusesIsDeleted() {
    ended("source", NOW.minus(KEEP).minusSeconds(1));
    accepted("other");
    accepted("recovery");
    repeats("recovery", "source");
    var tables = new ExecutionTables(database);

    assertThat(tables.isSourceGone(number("recovery"))).isFalse();
    database.sql().execute("delete from execution where name = 'source'");

    assertThat(tables.isSourceGone(number("recovery"))).isTrue();
    assertThat(tables.isSourceGone(number("other"))).isFalse();
  }

  @Test
  void plansThatDynamicNodesHaveMadeGoWithTheLastExecutionThatRefersToThem() {
    ended("old1", NOW.minus(KEEP).minusSeconds(1));
    ended("old2", NOW.minus(KEEP).minusSeconds(1));
    ended("young", NOW.minus(KEEP).plusSeconds(1));
    registered("registered");
    made("old1", "of one alone", "of two", "of a young one too", "registered");
    made("old2", "of two");
    made("young", "of a young one too");

    assertThat(retention().sweep()).isEqualTo(2);

    assertThat(names("plan", "digest")).isEqualTo("of a young one too,registered");
    assertThat(names("dynamic_plan", "plan_digest")).isEqualTo("of a young one too");
  }

  @Test
  void anExecutionThatStaysAndSharesTheNameOrTheFolderIsFound() {
    ended("staging-x", NOW.minus(KEEP).minusSeconds(3));
    accepted("x");
    moved("x", new ExecutionId("p-d", "staging", "x"));
    ended("twin", NOW.minus(KEEP).minusSeconds(2));
    moved("twin", new ExecutionId("q", "a", "twin"));
    accepted("twin");
    ended("alone", NOW.minus(KEEP).minusSeconds(1));
    accepted("lone");
    var seen = new ConcurrentLinkedQueue<Retention.OldExecution>();

    assertThat(retention(seen::add).sweep()).isEqualTo(3);

    assertThat(seen)
        .extracting(
            old -> old.id().name(),
            Retention.OldExecution::sharesName,
            Retention.OldExecution::sharesFolder)
        .containsExactlyInAnyOrder(
            tuple("staging-x", false, true),
            tuple("twin", true, false),
            tuple("alone", false, false));
  }

  @Test
  void noExecutionIsAcceptedThatSharesTheNameOrTheFolderWhileFilesAreDeleted() {
    ended("staging-x", NOW.minus(KEEP).minusSeconds(1));
    var sameFolder = new ExecutionId("p-d", "staging", "x");
    var sameName = new ExecutionId("q", "a", "staging-x");
    var refused = new ConcurrentLinkedQueue<ExecutionId>();
    var retention =
        retention(old -> {
          for (var id : List.of(sameFolder, sameName, new ExecutionId("p", "d", "x"))) {
            if (isRefused(id)) {
              refused.add(id);
            }
          }
        });

    assertThat(retention.sweep()).isEqualTo(1);

    assertThat(refused).containsExactly(sameFolder, sameName);
    assertThat(refused).noneMatch(this::isRefused);
  }

  /** Whether the execution, which is accepted otherwise, is refused until files are deleted. */
  private boolean isRefused(ExecutionId id) {
    try {
      assertThat(new AcceptanceTables(database).accept(TestingPlans.execution(id, NOW)))
          .isPresent();
      return false;
    } catch (DeletionUnderWayException _) {
      return true;
    }
  }

  @Test
  void anExecutionThatIsBeingAcceptedKeepsTheFolderThatItShares() {
    ended("staging-x", NOW.minus(KEEP).minusSeconds(1));
    var seen = new ConcurrentLinkedQueue<Retention.OldExecution>();
    var twin = TestingPlans.execution(new ExecutionId("p-d", "staging", "x"), NOW);

    database.transaction(acceptance -> {
      assertThat(AcceptanceTables.accept(acceptance, twin)).isPresent();
      assertThat(retention(seen::add).sweep()).isZero();
      return acceptance;
    });

    assertThat(seen).isEmpty();
    assertThat(retention(seen::add).sweep()).isEqualTo(1);
    assertThat(seen).allMatch(Retention.OldExecution::sharesFolder);
  }

  /** Both are deleted, so what they share goes with them. */
  @Test
  void executionsThatGoTogetherDoNotKeepWhatTheyShare() {
    ended("twin", NOW.minus(KEEP).minusSeconds(1));
    moved("twin", new ExecutionId("q", "a", "twin"));
    ended("twin", NOW.minus(KEEP).minusSeconds(1));
    var seen = new ConcurrentLinkedQueue<Retention.OldExecution>();

    retention(seen::add).sweep();

    assertThat(seen).hasSize(2).noneMatch(Retention.OldExecution::sharesName);
  }

  @Test
  void allAttemptsOfTasksAndOfTheElementsOfArraysAreNamed() {
    ended("old", NOW.minus(KEEP).minusSeconds(1));
    database
        .sql()
        .execute(
            """
            insert into task_execution
              (execution_number, node_id, attempt, task_project, task_domain, task_name, task_version,
               phase, phase_version, created_at, updated_at)
            select number, 'n0', 1, '', '', '', '', 0, 0, now(), now() from execution
            """);
    database
        .sql()
        .execute(
            """
            insert into array_element
              (execution_number, node_id, attempt, index, phase, retry, cache_status, updated_at)
            select number, 'n0', 1, 7, 0, 1, 0, now() from execution
            """);
    var seen = new ArrayList<Retention.OldExecution>();

    retention(seen::add).sweep();

    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().attempts())
        .containsExactlyInAnyOrder(
            new Retention.Attempt(new NodePath("n0"), 1, false),
            new Retention.Attempt(new NodePath("n0/1/n7"), 0, true),
            new Retention.Attempt(new NodePath("n0/1/n7"), 1, true));
  }

  @Test
  void filesAreDeletedOutsideOfTransactionsAndByOneProcessAtATime() {
    ended("old", NOW.minus(KEEP).minusSeconds(1));
    var others = new ArrayList<Integer>();
    var retention =
        retention(old -> {
          database.sql().execute("update execution set state = 1 where name = 'old'");
          others.add(retention().sweep());
        });

    assertThat(retention.sweep()).isEqualTo(1);
    assertThat(others).containsExactly(0);
  }

  @Test
  void closingEndsTheSweepAfterTheBatchThatIsBeingDeleted() {
    ended("old1", NOW.minus(KEEP).minusSeconds(3));
    ended("old2", NOW.minus(KEEP).minusSeconds(2));
    ended("old3", NOW.minus(KEEP).minusSeconds(1));
    var self = new AtomicReference<Retention>();
    self.set(retention(_ -> self.get().close()));

    assertThat(self.get().sweep()).isBetween(1, 2);

    assertThat(names("execution", "name")).endsWith("old3");
  }

  @Test
  void closingDoesNotWaitForFilesThatTakeTooLong() throws InterruptedException {
    ended("old", NOW.minus(KEEP).minusSeconds(1));
    var begun = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    var retention =
        retention(_ -> {
          begun.countDown();
          waitForever(interrupted);
        });
    retention.start();
    begun.await();

    retention.close(Duration.ofMillis(1));

    interrupted.await();
    assertThat(names("execution", "name")).isEqualTo("old");
  }

  private static void waitForever(CountDownLatch interrupted) throws IOException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw new IOException("interrupted", e);
    }
  }

  private Retention retention() {
    return retention(_ -> {});
  }

  private Retention retention(Retention.Files files) {
    return new Retention(
        database,
        new StoreSettings.Retention(KEEP, Duration.ofMillis(1), 2, false),
        WorkflowEntity::persistenceId,
        files,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private void ended(String name, Instant at) {
    accepted(name);
    end(name, at);
  }

  private void moved(String name, ExecutionId to) {
    database
        .sql()
        .execute(
            "update execution set project = ?, domain = ? where name = ?",
            to.project(),
            to.domain(),
            name);
    database.sql().execute("delete from event_journal");
    database.sql().execute("delete from snapshot");
  }

  private void startedBy(String name, String parent) {
    database
        .sql()
        .execute(
            """
            update execution set parent_number = (select number from execution where name = ?)
            where name = ?
            """,
            parent,
            name);
  }

  private void repeats(String name, String source) {
    database
        .sql()
        .execute("update execution set source_number = ? where name = ?", number(source), name);
  }

  private long number(String name) {
    return database
        .sql()
        .fetchSingle("select number from execution where name = ?", name)
        .get(0, Long.class);
  }

  /** A dynamic node for each plan. */
  private void made(String name, String... plans) {
    var number = number(name);
    for (int i = 0; i < plans.length; i++) {
      new DynamicPlanTables(database)
          .link(number, new NodePath("n" + i), 0, plans[i], ByteString.EMPTY, "");
    }
  }

  private void registered(String digest) {
    new WorkflowTables(database)
        .insert(
            new WorkflowTables.NewWorkflow(
                TestingPlans.WORKFLOW,
                digest,
                ByteString.EMPTY,
                ByteString.EMPTY,
                Optional.empty()));
  }

  private void end(String name, Instant at) {
    database
        .sql()
        .execute(
            "update execution set final = true, ended_at = cast(? as timestamptz) where name = ?",
            at.atOffset(ZoneOffset.UTC),
            name);
  }

  /** An execution with a node, a step and a snapshot. */
  private void accepted(String name) {
    var id = new ExecutionId("p", "d", name);
    var longAgo = NOW.minus(KEEP.multipliedBy(2));
    var row =
        new AcceptanceTables(database).accept(TestingPlans.execution(name, longAgo)).orElseThrow();
    database
        .sql()
        .execute(
            """
            insert into node_execution
              (execution_number, node_id, path, is_parent, phase, attempt, created_at, updated_at)
            values (?, 'n0', 'n0', false, 0, 0, now(), now())
            """,
            row.number());
    database
        .sql()
        .execute(
            """
            insert into event_journal
              (persistence_id, sequence_number, writer, event_ser_id, event_ser_manifest, event_payload)
            values (?, 1, '', 0, '', '\\x00')
            """,
            WorkflowEntity.persistenceId(id));
    database
        .sql()
        .execute(
            """
            insert into snapshot
              (persistence_id, sequence_number, created, snapshot_ser_id, snapshot_ser_manifest, snapshot_payload)
            values (?, 1, 0, 0, '', '\\x00')
            """,
            WorkflowEntity.persistenceId(id));
  }

  private String names(String table, String column) {
    return database
        .sql()
        .fetchSingle("select string_agg(" + column + ", ',' order by " + column + ") from " + table)
        .get(0, String.class);
  }
}
