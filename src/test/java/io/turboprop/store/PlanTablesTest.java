package io.turboprop.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NodePath;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class PlanTablesTest {
  private static final String DIGEST = "digest";
  private static final ByteString CLOSURE = ByteString.copyFromUtf8("closure");

  private final ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();
  private Database database;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
  }

  @AfterEach
  void stop() {
    others.close();
    database.close();
  }

  @Test
  void aPlanOfANewerVersionIsLeftToThat() {
    PlanTables.store(database.sql(), DIGEST, CLOSURE);
    database.sql().execute("update plan set format = 2");
    var plans = new PlanTables(database);
    assertThatThrownBy(() -> plans.find(DIGEST))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageStartingWith("a plan was written by a newer version");
  }

  @Test
  void aPlanIsKeptThatIsLinkedWhileItIsBeingDeleted() {
    PlanTables.store(database.sql(), DIGEST, CLOSURE);

    var deletion =
        database
            .sql()
            .transactionResult(linking -> {
              linkUncommitted(linking.dsl());
              return startedAndWaiting(this::deleteUnused);
            });
    deletion.join();

    assertThat(new PlanTables(database).find(DIGEST)).contains(CLOSURE);
  }

  @Test
  void aPlanIsStoredAgainThatIsDeletedWhileItIsBeingLinked() {
    PlanTables.store(database.sql(), DIGEST, CLOSURE);

    var linked =
        database
            .sql()
            .transactionResult(deleting -> {
              PlanTables.deleteUnused(deleting.dsl(), DIGEST);
              return startedAndWaiting(this::link);
            });
    linked.join();

    assertThat(new PlanTables(database).find(DIGEST)).contains(CLOSURE);
  }

  @Test
  void aPlanThatIsLinkedAgainIsNotWrittenAgain() {
    link();
    var before = version();

    link();

    assertThat(version()).isEqualTo(before);
  }

  @Test
  void thePlanOfAnAttemptThatHasAnotherAlreadyIsNotStored() {
    link();

    assertThat(link("another")).isEqualTo(DIGEST);

    assertThat(new PlanTables(database).find("another")).isEmpty();
  }

  @Test
  void plansThatNobodyRefersToWhenRetentionLearnsToDeleteThemGoWithTheMigration() throws Exception {
    link();
    PlanTables.store(database.sql(), "unused", CLOSURE);

    try (var script = getClass().getResourceAsStream("/db/migration/V13__plans_left.sql")) {
      database.sql().execute(new String(script.readAllBytes(), UTF_8));
    }

    assertThat(new PlanTables(database).find(DIGEST)).isPresent();
    assertThat(new PlanTables(database).find("unused")).isEmpty();
  }

  private void link() {
    link(DIGEST);
  }

  private String link(String digest) {
    return new DynamicPlanTables(database).link(1, new NodePath("n0"), 0, digest, CLOSURE, "spec");
  }

  private static void linkUncommitted(DSLContext transaction) {
    transaction.execute(
        """
        insert into dynamic_plan (execution_number, path, attempt, plan_digest, spec_uri)
        values (1, 'n0', 0, ?, 'spec')
        """,
        DIGEST);
  }

  private void deleteUnused() {
    database.sql().transaction(transaction -> PlanTables.deleteUnused(transaction.dsl(), DIGEST));
  }

  /** Starts what has to wait for the transaction of the caller. */
  private CompletableFuture<Void> startedAndWaiting(Runnable work) {
    var started = CompletableFuture.runAsync(work, others);
    while (!started.isDone() && !isAnybodyWaiting()) {
      Thread.onSpinWait();
    }
    assertThat(started).isNotDone();
    return started;
  }

  private boolean isAnybodyWaiting() {
    return database
        .sql()
        .fetchSingle(
            """
            select exists (
              select from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock')
            """)
        .get(0, Boolean.class);
  }

  private String version() {
    return database.sql().fetchSingle("select ctid::text from plan").get(0, String.class);
  }
}
