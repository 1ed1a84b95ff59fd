package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.ExecutionChange.Sleep;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.store.SignalTables.Receiver;
import io.turboprop.store.SignalTables.SignalRow;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class SignalTablesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final ByteString TYPE = ByteString.copyFromUtf8("type");
  private static final ByteString YES = ByteString.copyFromUtf8("yes");
  private static final ByteString NO = ByteString.copyFromUtf8("no");
  private static final int RUNNING = 2;
  private static final NodePath GATE = NodePath.root("n1");
  private static final NodePath INNER = NodePath.root("n2").child(0, "n0");

  private final Database database = TestingDatabase.create();
  private final AcceptanceTables executions = new AcceptanceTables(database);
  private final SignalTables signals = new SignalTables(database);
  private long execution;

  @BeforeEach
  void accept() {
    execution = executions.accept(TestingPlans.execution("e", NOW)).orElseThrow().number();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aSignalIsCreatedOnceAndItsTypeStays() {
    var created = new SignalRow("s", TYPE, null);
    assertThat(signals.getOrCreate(execution, "s", TYPE)).isEqualTo(created);
    assertThat(signals.getOrCreate(execution, "s", YES)).isEqualTo(created);
    assertThat(signals.getOrAwait(execution, "s", YES, GATE)).isEmpty();
    assertThat(found(execution, "s")).contains(created);
    assertThat(found(execution, "other")).isEmpty();
    assertThat(found(execution + 1, "s")).isEmpty();
  }

  @Test
  void theGatesThatWaitAreReturnedEachOnce() {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    signals.getOrAwait(execution, "s", TYPE, INNER);
    signals.getOrAwait(execution, "s", TYPE, GATE);
    assertThat(signals.set(execution, "s", YES)).contains(List.of(INNER, GATE));
    assertThat(signals.getOrAwait(execution, "s", TYPE, GATE)).contains(YES);
    assertThat(signals.set(execution, "s", NO)).contains(List.of(INNER, GATE));
  }

  @Test
  void aGateThatFindsAValueAtOnceNeverWaits() {
    signals.getOrCreate(execution, "s", TYPE);
    signals.set(execution, "s", YES);
    assertThat(signals.getOrAwait(execution, "s", TYPE, GATE)).contains(YES);
    assertThat(signals.set(execution, "s", NO)).contains(List.of());
  }

  @Test
  void whatIsNotThereTakesNothing() {
    assertThat(signals.set(execution, "s", YES)).isEmpty();
    assertThat(found(execution, "s")).isEmpty();
  }

  @Test
  void aSignalWakesAnExecutionThatSleepsWithoutEnd() throws SQLException {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    sleep(Optional.empty());
    assertThat(due(NOW.plusSeconds(3_600))).isEmpty();
    signals.set(execution, "s", YES);
    assertThat(due(NOW)).containsExactly("e");
  }

  @Test
  void aSignalWakesAnExecutionBeforeItsDeadline() throws SQLException {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    sleep(Optional.of(NOW.plusSeconds(3_600)));
    assertThat(due(NOW)).isEmpty();
    signals.set(execution, "s", YES);
    assertThat(due(NOW)).containsExactly("e");
  }

  @Test
  void aSignalThatNoGateWaitsForWakesNothing() throws SQLException {
    signals.getOrCreate(execution, "s", TYPE);
    sleep(Optional.empty());
    signals.set(execution, "s", YES);
    assertThat(due(NOW)).isEmpty();
  }

  /** The message may have been lost: a value that was stored before the sleep is not in it. */
  @Test
  void anExecutionThatFallsAsleepWithASignalUnseenIsDueUntilTheGateHasEnded() throws SQLException {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    write(ExecutionChange.step(execution, 1, NOW), gate(null));
    signals.set(execution, "s", YES);
    assertThat(unseen()).containsExactly(GATE);
    write(ExecutionChange.step(execution, 2, NOW));
    sleepAfter(2);
    assertThat(due(NOW)).as("whatever was published after the signal").containsExactly("e");

    assertThat(signals.getOrAwait(execution, "s", TYPE, GATE)).contains(YES);
    assertThat(unseen()).as("a crash may lose what the gate has reported").containsExactly(GATE);
    write(ExecutionChange.step(execution, 3, NOW), gate(NOW));
    assertThat(unseen()).isEmpty();
    sleepAfter(3);
    assertThat(due(NOW)).isEmpty();
  }

  @Test
  void aGateThatHasEndedHasNothingUnseen() throws SQLException {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    write(ExecutionChange.step(execution, 1, NOW), gate(NOW));
    signals.set(execution, "s", YES);
    assertThat(unseen()).isEmpty();
    sleepAfter(1);
    assertThat(due(NOW)).isEmpty();
  }

  @Test
  void anExecutionThatFallsAsleepWithAnAbortUnseenIsDue() throws SQLException {
    new ExecutionRequestTables(database).requestAbort(execution, "why", "", NOW);
    assertThat(underWay().orElseThrow().unseen().abortCause()).contains("why");
    sleep(Optional.empty());
    assertThat(due(NOW)).containsExactly("e");
  }

  @Test
  void whatHasEndedIsNotWokenButKeepsWhatWasSent() throws SQLException {
    signals.getOrAwait(execution, "s", TYPE, GATE);
    write(ExecutionChange.step(execution, 1, NOW).ended(4, NOW));
    assertThat(signals.set(execution, "s", YES)).contains(List.of());
    assertThat(found(execution, "s")).contains(new SignalRow("s", TYPE, YES));
    assertThat(due(NOW)).isEmpty();
    assertThat(underWay()).isEmpty();
  }

  @Test
  void theReceiverOfASignalIsAnExecutionWithTheSignalsType() throws SQLException {
    var id = new ExecutionId("p", "d", "e");
    assertThat(signals.receiver(id, "s")).contains(new Receiver(execution, 0, false, null));
    signals.getOrCreate(execution, "s", TYPE);
    assertThat(signals.receiver(id, "s")).contains(new Receiver(execution, 0, false, TYPE));
    assertThat(signals.receiver(new ExecutionId(id.project(), id.domain(), "other"), "s"))
        .isEmpty();
    write(ExecutionChange.step(execution, 1, NOW).ended(4, NOW));
    assertThat(signals.receiver(id, "s")).contains(new Receiver(execution, 4, true, TYPE));
  }

  @Test
  void signalsGoWithTheirExecution() {
    signals.getOrCreate(execution, "s", TYPE);
    database.sql().execute("delete from execution");
    assertThat(found(execution, "s")).isEmpty();
  }

  @Test
  void listsAreFilteredSortedAndPaged() {
    var other = executions.accept(TestingPlans.execution("other", NOW)).orElseThrow().number();
    signals.getOrCreate(other, "a", TYPE);
    List.of("b", "a", "c").forEach(id -> signals.getOrCreate(execution, id, TYPE));
    signals.set(execution, "a", YES);
    assertThat(ids(List.of(), List.of(), 2, 0)).containsExactly("b", "a");
    assertThat(ids(List.of(), List.of(), 2, 2)).containsExactly("c");
    var byId = List.of(new ListQuery.Order("signal_id", false));
    assertThat(ids(List.of(), byId, 9, 0)).containsExactly("c", "b", "a");
    var notB = new ListQuery.Filter("", "signal_id", ListQuery.Operator.NOT_EQUAL, List.of("b"));
    assertThat(ids(List.of(notB), byId, 9, 0)).containsExactly("c", "a");
    var elsewhere =
        new ListQuery.Filter("", "execution_name", ListQuery.Operator.EQUAL, List.of("other"));
    assertThat(ids(List.of(elsewhere), byId, 9, 0)).isEmpty();
    assertThat(signals.list(execution, TestingLists.query(List.of(), byId, 9, 2)).rows())
        .containsExactly(new SignalRow("a", TYPE, YES));
  }

  /** Either the gate finds the value, or the sender finds the gate. */
  @Test
  void aGateAndASenderDoNotMissEachOther() {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 100; round++) {
        var id = "s" + round;
        signals.getOrCreate(execution, id, TYPE);
        var found =
            CompletableFuture.supplyAsync(
                () -> signals.getOrAwait(execution, id, TYPE, GATE), threads);
        var gates =
            CompletableFuture.supplyAsync(
                () -> signals.set(execution, id, YES).orElseThrow(), threads);
        assertThat(found.join().isPresent()).isEqualTo(gates.join().isEmpty());
      }
    }
  }

  private Optional<SignalRow> found(long number, String signalId) {
    return signals.list(number, TestingLists.query(List.of(), List.of(), 9, 0)).rows().stream()
        .filter(row -> row.signalId().equals(signalId))
        .findFirst();
  }

  private List<String> ids(
      List<ListQuery.Filter> filters, List<ListQuery.Order> order, int limit, long offset) {
    return signals
        .list(execution, TestingLists.query(filters, order, limit, offset))
        .rows()
        .stream()
        .map(SignalRow::signalId)
        .toList();
  }

  /** What an entity finds that is in memory already, and one that is just being loaded. */
  private List<NodePath> unseen() {
    var unseen = new WakeUpTables(database).unseen(List.of(execution)).getFirst();
    assertThat(underWay().orElseThrow().unseen()).isEqualTo(unseen);
    return unseen.nodes();
  }

  private Optional<ExecutionTables.UnderWay> underWay() {
    var id = TestingPlans.execution("e", NOW).id();
    return new ExecutionTables(database).findUnderWay(List.of(id)).getFirst();
  }

  private NodeExecutionChange gate(Instant endedAt) {
    return new NodeExecutionChange(
        new NodeExecutionChange.Key(execution, "n1"),
        GATE,
        null,
        false,
        RUNNING,
        0,
        new Timestamps(null, NOW, NOW, endedAt),
        null,
        null,
        null,
        null);
  }

  private void sleepAfter(long sequenceNumber) throws SQLException {
    write(ExecutionChange.sleep(execution, sequenceNumber, new Sleep(Optional.empty()), NOW));
  }

  private List<String> due(Instant now) {
    return new WakeUpTables(database)
        .takeDue(now, now.plusSeconds(7_200), 10).stream().map(ExecutionId::name).toList();
  }

  private void sleep(Optional<Instant> until) throws SQLException {
    write(ExecutionChange.sleep(execution, 0, new Sleep(until), NOW));
  }

  private void write(ExecutionChange change, NodeExecutionChange... nodes) throws SQLException {
    var changes = new Changes(List.of(change), List.of(nodes), List.of(), List.of());
    assertThat(new ProgressTables(database).write(changes).refused()).isEmpty();
  }
}
