package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.store.RefusedRowException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestBatcherTest {
  private static final String DATA_EXCEPTION = "22P02";
  private static final String CONNECTION_FAILURE = "08006";

  /** What runs when the test says so, in the place of threads. */
  private final Queue<Runnable> runs = new ArrayDeque<>();

  private final List<List<Integer>> asked = new ArrayList<>();

  private final RequestBatcher<Integer, String> batches = batches(3, 1, 5);

  private RequestBatcher<Integer, String> batches(int batchMax, int parallelism, int waitingMax) {
    return new RequestBatcher<>(
        this::answer,
        _ -> 1,
        new RequestBatcher.Bounds(batchMax, 100, parallelism, waitingMax, 100),
        runs::add);
  }

  /** A number is as many bytes. */
  private RequestBatcher<Integer, String> weighed(long batchBytesMax, long waitingBytesMax) {
    return new RequestBatcher<>(
        this::answer,
        Integer::longValue,
        new RequestBatcher.Bounds(9, batchBytesMax, 1, 9, waitingBytesMax),
        runs::add);
  }

  /** Negative numbers are refused, with all that come with them; 99 is a lost connection. */
  private List<String> answer(List<Integer> questions) throws SQLException {
    asked.add(questions);
    if (questions.stream().anyMatch(number -> number < 0)) {
      throw new SQLException("negative", DATA_EXCEPTION);
    }
    if (questions.contains(99)) {
      throw new SQLException("gone", CONNECTION_FAILURE);
    }
    return questions.stream().map(String::valueOf).collect(Collectors.toList());
  }

  @Test
  void whatIsAskedMeanwhileMakesTheNextBatches() {
    var answers = IntStream.range(0, 5).mapToObj(batches::ask).toList();
    assertThat(runs).hasSize(1);
    runs.remove().run();

    assertThat(asked).containsExactly(List.of(0, 1, 2), List.of(3, 4));
    assertThat(answers)
        .extracting(answer -> answer.toCompletableFuture().join())
        .containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  void aRoundThatIsOverIsFollowedByAnother() {
    batches.ask(1);
    runs.remove().run();
    var second = batches.ask(2);
    runs.remove().run();
    assertThat(second.toCompletableFuture()).isCompletedWithValue("2");
  }

  @Test
  void onlyTheGuiltyAreRefused() {
    var good = batches.ask(1);
    var bad = batches.ask(-1);
    runs.remove().run();

    assertThat(good.toCompletableFuture()).isCompletedWithValue("1");
    assertThatThrownBy(bad.toCompletableFuture()::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(RefusedRowException.class)
        .hasRootCauseMessage("negative");
  }

  @Test
  void aLostConnectionFailsAllAndIsNotTriedForEach() {
    var one = batches.ask(1);
    batches.ask(99);
    runs.remove().run();

    assertThat(one.toCompletableFuture()).isCompletedExceptionally();
    assertThat(asked).hasSize(1);
  }

  @Test
  void noMoreBatchesAreUnderWayThanAllowed() {
    var two = batches(1, 2, 9);
    IntStream.range(0, 5).forEach(two::ask);
    assertThat(runs).hasSize(2);
  }

  @Test
  void whatCannotWaitFails() {
    IntStream.range(0, 5).forEach(batches::ask);
    assertThatThrownBy(batches.ask(5).toCompletableFuture()::join)
        .hasCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aBatchIsNoHeavierThanAllowedButOneQuestionAlwaysGoes() {
    var batches = weighed(10, 1_000);
    List.of(4, 6, 1, 50, 3).forEach(batches::ask);
    runs.remove().run();
    assertThat(asked).containsExactly(List.of(4, 6), List.of(1), List.of(50), List.of(3));
  }

  @Test
  void aHeavyQuestionWaitsAsOthersDoAndWhatComesAfterItFails() {
    var batches = weighed(10, 20);
    var admitted = List.of(batches.ask(19), batches.ask(30));
    assertThatThrownBy(batches.ask(1).toCompletableFuture()::join)
        .hasCauseInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("2 wait already, with 49 bytes");

    runs.remove().run();
    assertThat(admitted)
        .extracting(answer -> answer.toCompletableFuture().join())
        .containsExactly("19", "30");
    assertThat(batches.ask(1).toCompletableFuture()).isNotCompletedExceptionally();
  }

  @Test
  void afterTheEndOfTheThreadsAllFails() {
    var closed =
        new RequestBatcher<>(
            this::answer,
            _ -> 1,
            new RequestBatcher.Bounds(3, 100, 1, 5, 100),
            _ -> {
              throw new RejectedExecutionException("closed");
            });
    assertThat(closed.ask(1).toCompletableFuture()).isCompletedExceptionally();
    assertThat(closed.ask(2).toCompletableFuture()).isCompletedExceptionally();
  }
}
