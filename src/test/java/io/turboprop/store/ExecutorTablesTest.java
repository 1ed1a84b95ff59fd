package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ATTEMPT;
import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTOR;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.AttemptTables.Key;
import io.turboprop.store.AttemptTables.NewAttempt;
import io.turboprop.store.AttemptTables.NodeToNotify;
import io.turboprop.store.AttemptTables.State;
import io.turboprop.store.ExecutorTables.Leased;
import io.turboprop.store.ExecutorTables.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jooq.types.DayToSecond;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class ExecutorTablesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration YEAR = Duration.ofDays(365);
  private static final ExecutionId EXECUTION_ID = new ExecutionId("p", "d", "e");
  private static final String ADDRESS = "http://127.0.0.1:1";
  private static final String PLUGIN = "local";
  private static final ByteString RUNS = ByteString.copyFromUtf8("runs");
  private static final ByteString ENDS = ByteString.copyFromUtf8("ends");

  private final Database database = TestingDatabase.create();
  private final AttemptTables attempts = new AttemptTables(database);
  private final ExecutorTables executors = new ExecutorTables(database);

  @BeforeEach
  void accept() {
    var _ = new AcceptanceTables(database).accept(TestingPlans.execution("e", NOW)).orElseThrow();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anAttemptIsQueuedOnce() {
    assertThat(attempts.enqueue(attempt("a", 0))).isTrue();
    assertThat(attempts.enqueue(attempt("a", 0))).isFalse();
    assertThat(attempts.queued()).isEqualTo(1);
  }

  @Test
  void anEndedOrUnknownExecutionGetsNoAttempts() {
    assertThat(attempts.enqueue(attempt(new ExecutionId("p", "d", "other"), "a"))).isFalse();
    database.sql().update(EXECUTION).set(EXECUTION.FINAL, true).execute();
    assertThat(attempts.enqueue(attempt("a", 0))).isFalse();
  }

  @Test
  void theEarliestDueIsTakenFirst() {
    queue("late", 2);
    queue("early", 0);
    queue("middle", 1);
    var session = begin("one");
    assertThat(names(executors.pull(session, PLUGIN, 2, 0)))
        .containsExactlyInAnyOrder("early", "middle");
    assertThat(names(executors.pull(session, PLUGIN, 2, 0))).containsExactly("late");
    assertThat(executors.pull(session, PLUGIN, 2, 0)).isEmpty();
    assertThat(attempts.find(key("late")).orElseThrow().state()).isEqualTo(State.LEASED);
  }

  @Test
  void aQueuedAttemptKnowsItsPlaceAndWhatTheExecutorsHave() {
    queue("held", 0);
    executors.pull(begin("one"), PLUGIN, 1, 0);
    queue("second", 2);
    queue("first", 1);
    attempts.enqueue(new NewAttempt(key("other"), NODE, "other", false, NOW, 0, RUNS));
    var holder = new AttemptTables.Holder(EXECUTION_ID, NODE, ADDRESS);
    assertThat(attempts.place(key("first"), 5))
        .contains(new AttemptTables.Place(0, 2, 1, List.of(holder)));
    assertThat(attempts.place(key("second"), 5).orElseThrow().ahead()).isEqualTo(1);
    assertThat(attempts.place(key("held"), 5)).isEmpty();
    assertThat(attempts.place(key("unknown"), 5)).isEmpty();
  }

  @Test
  void eagerAttemptsAndOtherPluginsHaveLimitsOfTheirOwn() {
    queue("plain", 0);
    attempts.enqueue(new NewAttempt(key("eager"), NODE, PLUGIN, true, NOW, 0, RUNS));
    attempts.enqueue(new NewAttempt(key("other"), NODE, "other", false, NOW, 0, RUNS));
    var session = begin("one");
    assertThat(names(executors.pull(session, PLUGIN, 0, 5))).containsExactly("eager");
    assertThat(names(executors.pull(session, PLUGIN, 5, 0))).containsExactly("plain");
    assertThat(names(executors.pull(session, "other", 5, 0))).containsExactly("other");
  }

  @Test
  void executorsThatPullAtTheSameTimeShareTheAttempts() throws Exception {
    for (int i = 0; i < 200; i++) {
      queue("a" + i, i);
    }
    var pulls = new ArrayList<Callable<List<String>>>();
    for (int i = 0; i < 4; i++) {
      var session = begin("node" + i);
      pulls.add(() -> {
        var taken = new ArrayList<String>();
        for (var next = pullThree(session); !next.isEmpty(); next = pullThree(session)) {
          taken.addAll(next);
        }
        return taken;
      });
    }
    var all = new ArrayList<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var taken : threads.invokeAll(pulls)) {
        all.addAll(taken.get());
      }
    }
    assertThat(all).hasSize(200).doesNotHaveDuplicates();
  }

  private List<String> pullThree(Session session) {
    return names(executors.pull(session, PLUGIN, 3, 0));
  }

  @Test
  void theStatusIsRecordedByTheHolderOnly() {
    var leased = leasedTo(begin("one"), "a");
    var other = begin("two");
    assertThat(executors.record(other, leased.key(), RUNS)).isFalse();
    assertThat(executors.end(other, leased.key(), ENDS)).isFalse();
    var holder = new Session("one", 1);
    assertThat(executors.record(holder, leased.key(), RUNS)).isTrue();
    assertThat(attempts.find(key("a")).orElseThrow().transition()).contains(RUNS);
    assertThat(executors.end(holder, leased.key(), ENDS)).isTrue();
    assertThat(executors.end(holder, leased.key(), RUNS)).isFalse();
    var ended = attempts.find(key("a")).orElseThrow();
    assertThat(ended.state()).isEqualTo(State.ENDED);
    assertThat(ended.transition()).contains(ENDS);
  }

  @Test
  void aFinishedAttemptStaysWithoutItsRequestAndIsNotQueuedAgain() {
    var session = begin("one");
    executors.end(session, leasedTo(session, "a").key(), ENDS);
    attempts.finish(key("a"));
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.FINISHED);
    assertThat(attempts.enqueue(attempt("a", 0))).isFalse();
    assertThat(database.sql().fetchCount(ATTEMPT, ATTEMPT.REQUEST.isNull())).isEqualTo(1);
  }

  @Test
  void aQueuedAttemptIsAbortedAtOnceAndALeasedOneByItsExecutor() {
    queue("queued", 1);
    assertThat(attempts.abort(key("queued"))).contains(State.ENDED);
    assertThat(attempts.abort(key("unknown"))).isEmpty();
    var session = begin("one");
    var leased = leasedTo(session, "a");
    assertThat(attempts.abort(key("a"))).contains(State.LEASED);
    assertThat(executors.aborted(session)).containsExactly(leased.key());
    assertThat(executors.endAborted(session, leased.key())).isTrue();
    assertThat(attempts.abort(key("a"))).contains(State.ENDED);
    assertThat(attempts.find(key("a")).orElseThrow().abortRequested()).isTrue();
  }

  @Test
  void theAttemptsOfAnExecutorWhoseLeaseIsOverAreLost() {
    var lost = begin("one");
    var leased = leasedTo(lost, "a");
    var alive = begin("two");
    leasedTo(alive, "b");
    assertThat(attempts.endLost()).isEmpty();
    endLease("one");
    assertThat(executors.renew(lost, LEASE)).isFalse();
    assertThat(attempts.endLost()).containsExactly(new NodeToNotify(EXECUTION_ID, NODE));
    assertThat(attempts.endLost()).isEmpty();
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.ENDED);
    assertThat(attempts.find(key("b")).orElseThrow().state()).isEqualTo(State.LEASED);
    assertThat(executors.end(lost, leased.key(), ENDS)).isFalse();
    assertThat(executors.renew(alive, LEASE)).isTrue();
  }

  @Test
  void anExecutorWithoutALeaseGetsNoAttempts() {
    queue("a", 0);
    var session = begin("one");
    endLease("one");
    assertThat(executors.pull(session, PLUGIN, 1, 0)).isEmpty();
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.QUEUED);
  }

  @Test
  void aRenewalThatIsUnderWayIsNotTakenForLost() throws Exception {
    leasedTo(begin("one"), "a");
    endLease("one");
    try (var renewal = database.dataSource().getConnection()) {
      renewal.setAutoCommit(false);
      try (var statement = renewal.createStatement()) {
        statement.execute("update executor set lease_until = clock_timestamp() + interval '1 day'");
      }
      assertThat(attempts.endLost()).isEmpty();
      renewal.commit();
      renewal.setAutoCommit(true);
    }
    assertThat(attempts.endLost()).isEmpty();
  }

  @Test
  void aNewSessionTakesOverWhatIsLeasedStill() {
    var before = begin("one");
    var leased = leasedTo(before, "a");
    executors.record(before, leased.key(), RUNS);
    var adopted = executors.adopt("one", ADDRESS, LEASE).orElseThrow();
    assertThat(names(adopted.attempts())).containsExactly("a");
    assertThat(adopted.attempts().getFirst().transition()).contains(RUNS);
    assertThat(executors.renew(before, LEASE)).isFalse();
    assertThat(executors.end(before, leased.key(), ENDS)).isFalse();
    assertThat(executors.end(adopted.session(), leased.key(), ENDS)).isTrue();
  }

  /** A pull checks the session when it begins, and its rows may be committed much later. */
  @Test
  void whatAnEarlierSessionHasPulledTooLateIsLost() throws Exception {
    queue("a", 0);
    var before = begin("one");
    Session now;
    try (var pull = database.dataSource().getConnection()) {
      pull.setAutoCommit(false);
      try (var statement = pull.createStatement()) {
        var pulled =
            statement.executeUpdate(
                "update attempt set state = %d, executor = '%s', session = %d where exists (select 1 from executor where node = '%s' and session = %d)"
                    .formatted(
                        State.LEASED.number(),
                        before.node(),
                        before.number(),
                        before.node(),
                        before.number()));
        assertThat(pulled).isEqualTo(1);
      }
      now = begin("one");
      pull.commit();
      pull.setAutoCommit(true);
    }
    leasedTo(now, "b");
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.LEASED);
    assertThat(attempts.endLost()).containsExactly(new NodeToNotify(EXECUTION_ID, NODE));
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.ENDED);
    assertThat(attempts.find(key("b")).orElseThrow().state()).isEqualTo(State.LEASED);
    assertThat(executors.renew(now, LEASE)).isTrue();
  }

  @Test
  void aSessionWhoseLeaseIsOverIsNotTakenOver() {
    assertThat(executors.adopt("never seen", ADDRESS, LEASE)).isEmpty();
    leasedTo(begin("one"), "a");
    endLease("one");
    assertThat(executors.adopt("one", ADDRESS, LEASE)).isEmpty();
    assertThat(attempts.find(key("a")).orElseThrow().state())
        .as("its processes may still run")
        .isEqualTo(State.LEASED);
  }

  @Test
  void aNewSessionEndsWhatItDoesNotTakeOver() {
    leasedTo(begin("one"), "a");
    assertThat(executors.begin("one", ADDRESS, LEASE).lost())
        .containsExactly(new NodeToNotify(EXECUTION_ID, NODE));
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.ENDED);
  }

  @Test
  void aReleasedSessionHasNoLeaseAndNoAttempts() {
    var session = begin("one");
    leasedTo(session, "a");
    leasedTo(begin("two"), "b");
    assertThat(executors.release(session)).containsExactly(new NodeToNotify(EXECUTION_ID, NODE));
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.ENDED);
    assertThat(attempts.find(key("b")).orElseThrow().state()).isEqualTo(State.LEASED);
    assertThat(executors.renew(session, LEASE)).isFalse();
    assertThat(executors.adopt("one", ADDRESS, LEASE)).isEmpty();
  }

  @Test
  void aSessionThatIsNotTheLastReleasesNothing() {
    var before = begin("one");
    leasedTo(begin("one"), "a");
    assertThat(executors.release(before)).isEmpty();
    assertThat(attempts.find(key("a")).orElseThrow().state()).isEqualTo(State.LEASED);
  }

  @Test
  void changesThatTheOwnerMayNotKnowAreFound() {
    var session = begin("one");
    var leased = leasedTo(session, "a");
    queue("queued", 1);
    var node = new NodeToNotify(EXECUTION_ID, NODE);
    assertThat(attempts.nodesToNotify(Duration.ZERO, YEAR, YEAR, 10)).containsExactly(node);
    assertThat(attempts.nodesToNotify(Duration.ofHours(1), YEAR, YEAR, 10)).isEmpty();
    assertThat(attempts.nodesToNotify(Duration.ZERO, Duration.ZERO, YEAR, 10)).isEmpty();
    executors.end(session, leased.key(), ENDS);
    assertThat(attempts.nodesToNotify(Duration.ZERO, Duration.ZERO, YEAR, 10))
        .containsExactly(node);
    attempts.finish(key("a"));
    assertThat(attempts.nodesToNotify(Duration.ZERO, YEAR, YEAR, 10)).isEmpty();
  }

  @Test
  void whatAnEndedExecutionHasLeftIsEnded() {
    var session = begin("one");
    var leased = leasedTo(session, "a");
    queue("queued", 1);
    attempts.endAbandoned(Duration.ZERO);
    assertThat(attempts.find(key("queued")).orElseThrow().state()).isEqualTo(State.QUEUED);
    database.sql().update(EXECUTION).set(EXECUTION.FINAL, true).execute();
    attempts.endAbandoned(Duration.ZERO);
    assertThat(attempts.find(key("queued")).orElseThrow().state()).isEqualTo(State.FINISHED);
    assertThat(executors.aborted(session)).containsExactly(leased.key());
    assertThat(database.sql().fetchCount(ATTEMPT, ATTEMPT.REQUEST.isNull())).isEqualTo(1);
  }

  @Test
  void theExecutorOfAnAttemptIsKnownAlsoAfterItsEnd() {
    queue("queued", 1);
    assertThat(executors.addressOf(key("queued"))).isEmpty();
    var session = begin("one");
    executors.end(session, leasedTo(session, "a").key(), ENDS);
    attempts.finish(key("a"));
    assertThat(executors.addressOf(key("a"))).contains(ADDRESS);
    endLease("one");
    assertThat(executors.addressOf(key("a")))
        .as("another process may have the address of one that is dead")
        .isEmpty();
  }

  @Test
  void attemptsAreDeletedWithTheirExecution() {
    leasedTo(begin("one"), "a");
    database.sql().deleteFrom(EXECUTION).execute();
    assertThat(database.sql().fetchCount(ATTEMPT)).isZero();
  }

  private static final NodePath NODE = NodePath.root("n0");

  private static Key key(String name) {
    return new Key(EXECUTION_ID, name);
  }

  private static NewAttempt attempt(String name, int due) {
    return new NewAttempt(
        key(name), NODE, PLUGIN, false, NOW.plusSeconds(due), 0, ByteString.copyFromUtf8(name));
  }

  private static NewAttempt attempt(ExecutionId execution, String name) {
    return new NewAttempt(new Key(execution, name), NODE, PLUGIN, false, NOW, 0, RUNS);
  }

  private void queue(String name, int due) {
    assertThat(attempts.enqueue(attempt(name, due))).isTrue();
  }

  private Session begin(String node) {
    return executors.begin(node, ADDRESS, LEASE).session();
  }

  private Leased leasedTo(Session session, String name) {
    queue(name, -1);
    return executors.pull(session, PLUGIN, 1, 0).getFirst();
  }

  /** The end of a lease, without waiting for it. */
  private void endLease(String node) {
    database
        .sql()
        .update(EXECUTOR)
        .set(
            EXECUTOR.LEASE_UNTIL,
            EXECUTOR.LEASE_UNTIL.sub(DayToSecond.valueOf(LEASE.plusSeconds(1))))
        .where(EXECUTOR.NODE.eq(node))
        .execute();
  }

  private static List<String> names(List<Leased> leased) {
    return leased.stream().map(attempt -> attempt.key().name()).toList();
  }
}
