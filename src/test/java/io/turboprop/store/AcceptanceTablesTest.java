package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.event.TestingPlans;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class AcceptanceTablesTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06.123456Z");

  private final Database database = TestingDatabase.create();
  private final AcceptanceTables acceptance = new AcceptanceTables(database);
  private final ExecutionTables executions = new ExecutionTables(database);

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void anAcceptedExecutionIsReadAsItWasGiven() {
    var given = TestingPlans.execution("one", NOW);

    var accepted = acceptance.accept(given).orElseThrow();

    var row = executions.find(given.id()).orElseThrow();
    assertThat(row.accepted()).isEqualTo(accepted);
    assertThat(row.launched()).isEqualTo(given.launched());
    assertThat(row.workflow()).isEqualTo(given.workflow());
  }

  @Test
  void aNameIsAcceptedOnceHoweverManyAskAtTheSameTime() throws Exception {
    var names = IntStream.range(0, 400).mapToObj(i -> "e" + i % 100);

    var accepted = together(names.map(this::accepting).toList());

    var numbers = accepted.stream().flatMap(Optional::stream).map(AcceptedExecution::number);
    assertThat(numbers.distinct()).hasSize(100);
    assertThat(accepted.stream().filter(Optional::isEmpty)).hasSize(300);
    assertThat(acceptance.accept(TestingPlans.execution("e7", NOW))).isEmpty();
  }

  @Test
  void aRowThatTheDatabaseRefusesFailsAlone() {
    var tooLong = new StringBuilder();
    new Random(7).ints(9_000, 'a', 'z').forEach(letter -> tooLong.append((char) letter));
    var names =
        Stream.concat(Stream.of(tooLong.toString()), IntStream.range(0, 50).mapToObj(i -> "e" + i));

    assertThatThrownBy(() -> together(names.map(this::accepting).toList()))
        .hasCauseInstanceOf(RefusedRowException.class);

    for (int i = 0; i < 50; i++) {
      assertThat(executions.find(TestingPlans.execution("e" + i, NOW).id())).isPresent();
    }
  }

  private Callable<Optional<AcceptedExecution>> accepting(String name) {
    return () -> acceptance.accept(TestingPlans.execution(name, NOW));
  }

  /** The results of all, when all have ended. */
  private static <T> List<T> together(List<Callable<T>> calls)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var call : threads.invokeAll(calls)) {
        results.add(call.get());
      }
      return results;
    }
  }
}
