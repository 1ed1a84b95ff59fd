package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.ExecutionChange.Sleep;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.store.ProgressTables.Written;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class WaitingParentsTest {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private static final int RUNNING = 2;
  private static final int SUCCEEDED = 4;
  private static final NodePath PATH = NodePath.root("n0");

  private Database database;
  private AcceptanceTables executions;
  private ProgressTables tables;
  private AcceptedExecution parent;
  private AcceptedExecution child;

  @BeforeEach
  void start() throws SQLException {
    database = TestingDatabase.create();
    executions = new AcceptanceTables(database);
    tables = new ProgressTables(database);
    parent = executions.accept(TestingPlans.execution("parent", NOW)).orElseThrow();
    write(ExecutionChange.step(parent.number(), 1, NOW), node(0, null));
    child = child("child", 0);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void anEndWakesAParentThatSleeps() throws SQLException {
    sleep();
    assertThat(due()).isEmpty();

    assertThat(end(child).parents()).containsExactly(new ParentNode(parent.id(), PATH));
    assertThat(due()).containsExactly("parent");
  }

  @Test
  void aParentInMemoryIsNotifiedAndHasTheEndUnseen() throws SQLException {
    assertThat(unseen()).isEmpty();
    assertThat(end(child).parents()).containsExactly(new ParentNode(parent.id(), PATH));
    assertThat(unseen()).containsExactly(PATH);
    assertThat(due()).isEmpty();
  }

  @Test
  void aParentThatIsLaidToSleepAfterTheEndIsDueAtOnce() throws SQLException {
    end(child);
    sleep();
    assertThat(due()).containsExactly("parent");
  }

  @Test
  void aParentWhoseNodeHasEndedSleepsOn() throws SQLException {
    end(child);
    write(ExecutionChange.step(parent.number(), 2, NOW), node(0, NOW));
    write(ExecutionChange.sleep(parent.number(), 2, new Sleep(Optional.empty()), NOW));
    assertThat(due()).isEmpty();
  }

  @Test
  void theChildOfAnEarlierAttemptWakesNothing() throws SQLException {
    child("second", 1);
    end(child);
    write(ExecutionChange.step(parent.number(), 2, NOW), node(1, null));
    assertThat(unseen()).isEmpty();
    write(ExecutionChange.sleep(parent.number(), 2, new Sleep(Optional.empty()), NOW));
    assertThat(due()).isEmpty();
  }

  @Test
  void anEndThatIsNotWrittenNotifiesNothing() throws SQLException {
    sleep();
    var late = ExecutionChange.step(child.number(), 5, NOW).ended(SUCCEEDED, NOW);
    var written = tables.write(new Changes(List.of(late), List.of(), List.of(), List.of()));
    assertThat(written.refused()).containsExactly(child.number());
    assertThat(written.parents()).isEmpty();
    assertThat(due()).isEmpty();
  }

  @Test
  void aParentThatHasEndedIsNotNotified() throws SQLException {
    write(ExecutionChange.step(parent.number(), 2, NOW).ended(SUCCEEDED, NOW));
    assertThat(end(child).parents()).isEmpty();
    assertThat(due()).isEmpty();
  }

  @Test
  void aChildIsFoundWithItsParentAndItsEnd() throws SQLException {
    var children = new ChildTables(database);
    var running = children.find(child.id()).orElseThrow();
    assertThat(running.parent()).isEqualTo(parent.number());
    assertThat(running.waiting()).isEqualTo(new NewExecution.Waiting(PATH, 0));
    assertThat(running.ended()).isFalse();

    end(child);
    assertThat(children.find(child.id()).orElseThrow().phase()).isEqualTo(SUCCEEDED);
    assertThat(children.find(parent.id()).orElseThrow().parent()).isNull();
    assertThat(children.find(new ExecutionId("p", "d", "nobody"))).isEmpty();
  }

  @Test
  void whatHasNotEndedOfALaunchPlanIsCounted() throws SQLException {
    assertThat(executions.notEnded(TestingPlans.LAUNCH_PLAN)).isEqualTo(2);
    end(child);
    assertThat(executions.notEnded(TestingPlans.LAUNCH_PLAN)).isEqualTo(1);
  }

  private AcceptedExecution child(String name, int attempt) {
    var like = TestingPlans.execution(name, NOW);
    var waiting = new NewExecution.Waiting(PATH, attempt);
    return executions
        .accept(
            new NewExecution(
                like.id(),
                like.planDigest(),
                like.launched(),
                like.workflow(),
                like.spec(),
                like.inputs(),
                null,
                like.mode(),
                "",
                new NewExecution.Parent(parent.number(), "n0", waiting),
                null,
                like.settings(),
                List.of(),
                NOW,
                false))
        .orElseThrow();
  }

  private void sleep() throws SQLException {
    write(ExecutionChange.sleep(parent.number(), 1, new Sleep(Optional.empty()), NOW));
  }

  private Written end(AcceptedExecution execution) throws SQLException {
    return write(ExecutionChange.step(execution.number(), 1, NOW).ended(SUCCEEDED, NOW));
  }

  private Written write(ExecutionChange change, NodeExecutionChange... nodes) throws SQLException {
    var written = tables.write(new Changes(List.of(change), List.of(nodes), List.of(), List.of()));
    assertThat(written.refused()).isEmpty();
    return written;
  }

  /** The parent's node. */
  private NodeExecutionChange node(int attempt, Instant endedAt) {
    return new NodeExecutionChange(
        new NodeExecutionChange.Key(parent.number(), "n0"),
        PATH,
        null,
        false,
        RUNNING,
        attempt,
        new Timestamps(null, NOW, NOW, endedAt),
        null,
        null,
        null,
        null);
  }

  private List<NodePath> unseen() {
    return new WakeUpTables(database).unseen(List.of(parent.number())).getFirst().nodes();
  }

  private List<String> due() {
    var now = Instant.now().plusSeconds(1);
    return new WakeUpTables(database)
        .takeDue(now, now.plusSeconds(3600), 10).stream().map(ExecutionId::name).toList();
  }
}
