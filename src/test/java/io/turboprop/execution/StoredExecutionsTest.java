package io.turboprop.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.cluster.Waker;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.ExecutionId;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionRequestTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.QueueTables;
import io.turboprop.store.TestingDatabase;
import io.turboprop.store.WakeUpTables;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.ExecutionDirectory.Found;
import io.turboprop.workflow.entity.Unseen;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class StoredExecutionsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Database database = TestingDatabase.create();
  private ProjectQueue.Limits limits = ProjectQueue.Limits.NONE;
  private final StoredExecutions executions = at(NOW);

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anExecutionThatWasJustAcceptedIsNotReadBack() {
    var accepted = accept("fresh");
    executions.accepted(accepted);
    new ExecutionRequestTables(database).requestAbort(accepted.number(), "why", "", NOW);
    assertThat(find("fresh").orElseThrow().execution()).isSameAs(accepted);
    var readBack = find("fresh").orElseThrow();
    assertThat(readBack.unseen().abortCause()).as("the second time").contains("why");
    assertThat(executions.unseen(accepted).toCompletableFuture().join())
        .isEqualTo(new Unseen(Optional.of("why"), List.of()));
  }

  @Test
  void unknownAndEndedExecutionsAreNotRun() {
    var accepted = accept("ended");
    assertThat(find("ended")).contains(new Found(accepted, Unseen.NONE, 0));
    database.sql().execute("update execution set final = true");
    assertThat(find("ended")).isEmpty();
    assertThat(find("never")).isEmpty();
  }

  @Test
  void aDueExecutionIsTakenOnceAndAgainAfterTheClaimExpires() {
    var accepted = accept("due");
    database.sql().execute("update execution set wake_up = '" + NOW + "'");
    assertThat(executions.takeDue(10)).containsExactly(accepted.id());
    assertThat(executions.takeDue(10)).isEmpty();
    assertThat(at(NOW.plusSeconds(60)).takeDue(10)).containsExactly(accepted.id());
  }

  @Test
  void thoseThatAreUnderWayAreListedInTheOrderOfTheirAcceptance() {
    var first = accept("first");
    var second = accept("second");
    assertThat(executions.active(0, 10))
        .containsExactly(
            new Waker.Row(first.number(), first.id()), new Waker.Row(second.number(), second.id()));
    assertThat(executions.active(first.number(), 10)).hasSize(1);
  }

  @Test
  void oneQueryFindsWhatManyExecutionsHaveNotSeen() {
    var queries = new ArrayDeque<Runnable>();
    var executions = at(NOW, queries::add);
    var aborted = accept("aborted");
    new ExecutionRequestTables(database).requestAbort(aborted.number(), "why", "", NOW);
    var unseen =
        Stream.of(accept("first"), aborted, accept("last"))
            .map(executions::unseen)
            .map(CompletionStage::toCompletableFuture)
            .toList();

    queries.remove().run();

    assertThat(queries).isEmpty();
    assertThat(unseen.stream().map(CompletableFuture::resultNow))
        .containsExactly(Unseen.NONE, new Unseen(Optional.of("why"), List.of()), Unseen.NONE);
  }

  @Test
  void oneQueryLoadsManyExecutions() {
    var queries = new ArrayDeque<Runnable>();
    var executions = at(NOW, queries::add);
    var aborted = accept("aborted");
    new ExecutionRequestTables(database).requestAbort(aborted.number(), "why", "", NOW);
    var first = accept("first");
    var wanted =
        Stream.of(first.id(), new ExecutionId("p", "d", "never"), aborted.id(), first.id());
    var loads = wanted.map(executions::find).map(CompletionStage::toCompletableFuture).toList();

    queries.remove().run();

    assertThat(queries).isEmpty();
    assertThat(loads.stream().map(CompletableFuture::resultNow))
        .containsExactly(
            Optional.of(new Found(first, Unseen.NONE, 0)),
            Optional.empty(),
            Optional.of(new Found(aborted, new Unseen(Optional.of("why"), List.of()), 0)),
            Optional.of(new Found(first, Unseen.NONE, 0)));
  }

  @Test
  void aPlanThatWasNeverStoredIsABug() {
    assertThat(executions.plan("nothing").toCompletableFuture())
        .failsWithin(Duration.ofMinutes(1))
        .withThrowableThat()
        .withCauseInstanceOf(IllegalStateException.class);
  }

  /** Each project may have one execution under way. */
  @Test
  void executionsBeyondTheLimitWaitForTheirTurnProjectByProject() {
    limits = new ProjectQueue.Limits(1, Map.of("free", 0), 100);
    var waker = at(NOW);
    for (var name : List.of("a", "b", "c")) {
      queue("p", name);
      queue("q", name);
    }
    queue("free", "a");
    queue("free", "b");
    assertThat(waker.takeDue(10))
        .extracting(ExecutionId::text)
        .containsExactly("free:d:a", "free:d:b", "p:d:a", "q:d:a");
    assertThat(waker.takeDue(10)).isEmpty();
    assertThat(find("b")).as("it waits").isEmpty();
    assertThat(waker.active(0, 10)).hasSize(4);
    database.sql().execute("update execution set final = true where project = 'q' and name = 'a'");
    assertThat(waker.takeDue(10)).extracting(ExecutionId::text).containsExactly("q:d:b");
  }

  /** A limit that was raised must not load a whole queue at once. */
  @Test
  void noMoreExecutionsLeaveTheQueueThanAreAskedFor() {
    limits = new ProjectQueue.Limits(1, Map.of(), 100);
    for (var name : List.of("a", "b", "c")) {
      queue("p", name);
      queue("q", name);
    }
    limits = new ProjectQueue.Limits(100, Map.of(), 100);
    var waker = at(NOW);
    assertThat(waker.takeDue(4))
        .extracting(ExecutionId::text)
        .containsExactly("p:d:a", "p:d:b", "p:d:c", "q:d:a");
    assertThat(waker.takeDue(4)).extracting(ExecutionId::text).containsExactly("q:d:b", "q:d:c");
  }

  private void queue(String project, String name) {
    var accepted =
        new AcceptanceTables(database)
            .accept(TestingPlans.execution(new ExecutionId(project, "d", name), NOW).inQueue());
    assertThat(accepted).isPresent();
  }

  private StoredExecutions at(Instant now) {
    return at(now, Runnable::run);
  }

  private StoredExecutions at(Instant now, Executor blocking) {
    return new StoredExecutions(
        new ExecutionTables(database),
        new WakeUpTables(database),
        new ProjectQueue(new QueueTables(database), limits),
        new CompiledPlans(_ -> Optional.empty(), 10),
        blocking,
        Clock.fixed(now, ZoneOffset.UTC));
  }

  private AcceptedExecution accept(String name) {
    return new AcceptanceTables(database).accept(TestingPlans.execution(name, NOW)).orElseThrow();
  }

  private Optional<Found> find(String name) {
    return executions.find(new ExecutionId("p", "d", name)).toCompletableFuture().join();
  }
}
