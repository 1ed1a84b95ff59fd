package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestBatcherTest {
  private static final String DATA_EXCEPTION = "22P02";
  private static final String CONNECTION_FAILURE = "08006";

  /** The batches that wait for the test to run them, instead of a thread. */
  private final Queue<Runnable> runs = new ArrayDeque<>();

  private final List<List<Integer>> sent = new ArrayList<>();

  private final RequestBatcher<Integer, String> batches = batches(3, 1, 5);

  private RequestBatcher<Integer, String> batches(int batchMax, int parallelism, int waitingMax) {
    return new RequestBatcher<>(
        this::respond,
        _ -> 1,
        new RequestBatcher.Bounds(batchMax, 100, parallelism, waitingMax, 100),
        runs::add);
  }

  /** A request weighs as many bytes as its number. */
  private RequestBatcher<Integer, String> weighed(long batchBytesMax, long waitingBytesMax) {
    return new RequestBatcher<>(
        this::respond,
        Integer::longValue,
        new RequestBatcher.Bounds(9, batchBytesMax, 1, 9, waitingBytesMax),
        runs::add);
  }

  /** Negative numbers are refused, with all that come with them; 99 is a lost connection. */
  private List<String> respond(List<Integer> requests) throws SQLException {
    sent.add(requests);
    if (requests.stream().anyMatch(number -> number < 0)) {
      throw new SQLException("negative", DATA_EXCEPTION);
    }
    if (requests.contains(99)) {
      throw new SQLException("gone", CONNECTION_FAILURE);
    }
    return requests.stream().map(String::valueOf).collect(Collectors.toList());
  }

  @Test
  void requestsDuringABatchMakeTheNextBatches() {
    var responses = IntStream.range(0, 5).mapToObj(batches::send).toList();
    assertThat(runs).hasSize(1);
    runs.remove().run();

    assertThat(sent).containsExactly(List.of(0, 1, 2), List.of(3, 4));
    assertThat(responses)
        .extracting(response -> response.toCompletableFuture().join())
        .containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  void aWorkerThatHasEndedIsFollowedByAnother() {
    batches.send(1);
    runs.remove().run();
    var second = batches.send(2);
    runs.remove().run();
    assertThat(second.toCompletableFuture()).isCompletedWithValue("2");
  }

  @Test
  void onlyTheRefusedRequestsOfABatchFail() {
    var good = batches.send(1);
    var bad = batches.send(-1);
    runs.remove().run();

    assertThat(good.toCompletableFuture()).isCompletedWithValue("1");
    assertThatThrownBy(bad.toCompletableFuture()::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(RefusedRowException.class)
        .hasRootCauseMessage("negative");
  }

  @Test
  void aLostConnectionFailsTheBatchWithoutFurtherCalls() {
    var one = batches.send(1);
    batches.send(99);
    runs.remove().run();

    assertThat(one.toCompletableFuture()).isCompletedExceptionally();
    assertThat(sent).hasSize(1);
  }

  @Test
  void theNumberOfBatchesUnderWayIsBounded() {
    var two = batches(1, 2, 9);
    IntStream.range(0, 5).forEach(two::send);
    assertThat(runs).hasSize(2);
  }

  @Test
  void aRequestFailsWhenTooManyWait() {
    IntStream.range(0, 5).forEach(batches::send);
    assertThatThrownBy(batches.send(5).toCompletableFuture()::join)
        .hasCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aBatchKeepsItsBoundButASingleRequestIsAlwaysSent() {
    var batches = weighed(10, 1_000);
    List.of(4, 6, 1, 50, 3).forEach(batches::send);
    runs.remove().run();
    assertThat(sent).containsExactly(List.of(4, 6), List.of(1), List.of(50), List.of(3));
  }

  @Test
  void aLargeRequestWaitsAndTheRequestsAfterItFail() {
    var batches = weighed(10, 20);
    var admitted = List.of(batches.send(19), batches.send(30));
    assertThatThrownBy(batches.send(1).toCompletableFuture()::join)
        .hasCauseInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("2 requests of 49 bytes wait already");

    runs.remove().run();
    assertThat(admitted)
        .extracting(response -> response.toCompletableFuture().join())
        .containsExactly("19", "30");
    assertThat(batches.send(1).toCompletableFuture()).isNotCompletedExceptionally();
  }

  @Test
  void aBlockingCallIsSentByItsOwnThread() {
    assertThat(batches.call(1)).isEqualTo("1");
    assertThat(runs).isEmpty();
    assertThatThrownBy(() -> batches.call(-1)).hasCauseInstanceOf(RefusedRowException.class);
    assertThat(batches.call(2)).isEqualTo("2");
  }

  @Test
  void requestsThatArriveDuringABlockingCallAreLeftToTheThreads() {
    var late = new ArrayList<CompletionStage<String>>();
    var self = new ArrayList<RequestBatcher<Integer, String>>();
    var batches =
        new RequestBatcher<Integer, String>(
            requests -> {
              if (requests.contains(1)) {
                late.add(self.getFirst().send(2));
              }
              return respond(requests);
            },
            _ -> 1,
            new RequestBatcher.Bounds(3, 100, 1, 5, 100),
            runs::add);
    self.add(batches);

    assertThat(batches.call(1)).isEqualTo("1");
    assertThat(runs).hasSize(1);
    assertThat(late.getFirst().toCompletableFuture()).isNotDone();
    runs.remove().run();
    assertThat(late.getFirst().toCompletableFuture()).isCompletedWithValue("2");
  }

  @Test
  void requestsFailAfterTheThreadsHaveEnded() {
    var closed =
        new RequestBatcher<>(
            this::respond,
            _ -> 1,
            new RequestBatcher.Bounds(3, 100, 1, 5, 100),
            _ -> {
              throw new RejectedExecutionException("closed");
            });
    assertThat(closed.send(1).toCompletableFuture()).isCompletedExceptionally();
    assertThat(closed.send(2).toCompletableFuture()).isCompletedExceptionally();
  }
}
