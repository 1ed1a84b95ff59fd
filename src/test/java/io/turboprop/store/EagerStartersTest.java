package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.event.TestingPlans;
import io.turboprop.store.AcceptanceTables.StarterEndedException;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests executions that an eager task starts while its own execution is being aborted. */
@Tag("integration")
@Timeout(180)
class EagerStartersTest {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private final Database database = TestingDatabase.create();
  private final AcceptanceTables executions = new AcceptanceTables(database);
  private AcceptedExecution eager;

  @BeforeEach
  void start() {
    eager = executions.accept(TestingPlans.execution("eager", NOW)).orElseThrow();
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void anExecutionWaitsForAnAbortUnderWayAndIsRefusedThen() {
    var started = new CompletableFuture<Optional<AcceptedExecution>>();
    database.transaction(abort -> {
      abort
          .update(EXECUTION)
          .set(EXECUTION.ABORT_REQUESTED_AT, NOW)
          .where(EXECUTION.NUMBER.eq(eager.number()))
          .execute();
      Thread.ofVirtual().start(() -> start("late", started));
      awaitLock(abort);
      return true;
    });

    assertThatThrownBy(started::join).hasCauseInstanceOf(StarterEndedException.class);
    assertThat(database.sql().fetchExists(EXECUTION, EXECUTION.NAME.eq("late"))).isFalse();
  }

  @Test
  void anAbortFindsEveryExecutionThatWasAcceptedBefore() {
    var started = new CompletableFuture<Optional<AcceptedExecution>>();
    start("early", started);
    assertThat(started.join()).isPresent();

    var requests = new ExecutionRequestTables(database);
    requests.requestAbort(eager.number(), "enough", "", NOW);

    assertThat(requests.requestAbortOfLabelled(NewExecution.EAGER_LABEL, eager.id(), "enough", NOW))
        .containsExactly(started.join().orElseThrow().id());
  }

  @Test
  void aRepetitionOfAStartedExecutionIsNoneOfTheTask() {
    new ExecutionRequestTables(database).requestAbort(eager.number(), "enough", "", NOW);

    assertThat(executions.accept(labelled("again", eager.number()))).isPresent();
  }

  private void start(String name, CompletableFuture<Optional<AcceptedExecution>> started) {
    try {
      started.complete(executions.accept(labelled(name, null)));
    } catch (StarterEndedException e) {
      started.completeExceptionally(e);
    }
  }

  private static void awaitLock(DSLContext sql) {
    // Not pg_stat_activity, which stays the same within a transaction.
    var waiting = "select 1 from pg_locks where not granted and locktype = 'transactionid'";
    while (sql.fetch(waiting).isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static NewExecution labelled(String name, Long source) {
    var like = TestingPlans.execution(name, NOW);
    return new NewExecution(
        like.id(),
        like.planDigest(),
        like.launched(),
        like.workflow(),
        like.spec(),
        like.inputs(),
        null,
        like.mode(),
        "",
        null,
        source,
        like.settings(),
        List.of(new NewExecution.Tag(NewExecution.EAGER_LABEL, "eager")),
        NOW,
        false);
  }
}
