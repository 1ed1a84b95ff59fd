package io.turboprop.journal;

import io.turboprop.store.DatabaseFailures;
import io.turboprop.store.RefusedRowException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Puts many small questions to the database at once: what is asked while an answer is under way is
 * collected, and makes the next batch. So a lone question waits for nothing, and a crowd costs
 * little more than one.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
final class RequestBatcher<Q, A> {

  /** Asks the database, on a thread that may block. */
  interface Answering<Q, A> {

    /**
     * @return one answer for each question, in their order
     */
    List<A> answer(List<Q> questions) throws SQLException;
  }

  /**
   * How many questions, and how much of them. What a question weighs itself never keeps it from
   * being asked: it may wait for what waits already, and in a batch it may be alone.
   *
   * @param batchMax the most questions in one batch
   * @param batchBytesMax about how much one batch weighs at most
   * @param parallelism how many batches are under way at once
   * @param waitingMax how many questions may wait; further ones fail
   * @param waitingBytesMax about how much may wait before further ones fail; with the last one it
   *     may be more
   */
  record Bounds(
      int batchMax, long batchBytesMax, int parallelism, int waitingMax, long waitingBytesMax) {
    Bounds {
      if (batchMax < 1
          || batchBytesMax < 0
          || parallelism < 1
          || waitingMax < 1
          || waitingBytesMax < 1) {
        throw new IllegalArgumentException(
            "batches of %d, %d bytes, %d at once, %d waiting, %d bytes"
                .formatted(batchMax, batchBytesMax, parallelism, waitingMax, waitingBytesMax));
      }
    }
  }

  private record Asked<Q, A>(Q question, long bytes, CompletableFuture<A> answer) {}

  private final Answering<Q, A> database;
  private final ToLongFunction<Q> bytes;
  private final Bounds bounds;
  private final Executor threads;
  private final Queue<Asked<Q, A>> waiting = new ArrayDeque<>();
  private long bytesWaiting;
  private int underWay;

  /**
   * @param bytes about how much memory a question takes
   * @param threads at least as many as all that share them have batches under way
   */
  RequestBatcher(
      Answering<Q, A> database, ToLongFunction<Q> bytes, Bounds bounds, Executor threads) {
    this.database = database;
    this.bytes = bytes;
    this.bounds = bounds;
    this.threads = threads;
  }

  /**
   * Asks.
   *
   * @return the answer; one of {@link DatabaseFailures} when the database refuses this very
   *     question or can't be asked; {@link RejectedExecutionException} when too much is waiting, or
   *     all is closed
   */
  CompletionStage<A> ask(Q question) {
    var asked = new Asked<>(question, bytes.applyAsLong(question), new CompletableFuture<A>());
    synchronized (waiting) {
      if (!hasRoomToWait()) {
        return CompletableFuture.failedStage(
            new RejectedExecutionException(
                "%d wait already, with %d bytes".formatted(waiting.size(), bytesWaiting)));
      }
      waiting.add(asked);
      bytesWaiting += asked.bytes();
      if (underWay == bounds.parallelism()) {
        return asked.answer();
      }
      underWay++;
    }
    try {
      threads.execute(() -> takeAll(this::answer));
    } catch (RejectedExecutionException e) {
      takeAll(batch -> fail(batch, e));
    }
    return asked.answer();
  }

  private boolean hasRoomToWait() {
    return waiting.size() < bounds.waitingMax() && bytesWaiting < bounds.waitingBytesMax();
  }

  private void takeAll(Consumer<List<Asked<Q, A>>> action) {
    for (var batch = take(); !batch.isEmpty(); batch = take()) {
      action.accept(batch);
    }
  }

  /** What is to be asked next; when that is nothing, this round is over. */
  private List<Asked<Q, A>> take() {
    var batch = new ArrayList<Asked<Q, A>>();
    synchronized (waiting) {
      var bytesTaken = 0L;
      for (var next = waiting.peek();
          next != null && hasRoom(batch, bytesTaken, next);
          next = waiting.peek()) {
        batch.add(waiting.remove());
        bytesTaken += next.bytes();
      }
      bytesWaiting -= bytesTaken;
      if (batch.isEmpty()) {
        underWay--;
      }
    }
    return batch;
  }

  private boolean hasRoom(List<Asked<Q, A>> batch, long bytesTaken, Asked<Q, A> next) {
    return batch.isEmpty()
        || (batch.size() < bounds.batchMax()
            && bytesTaken + next.bytes() <= bounds.batchBytesMax());
  }

  private void answer(List<Asked<Q, A>> batch) {
    try {
      var answers = database.answer(batch.stream().map(Asked::question).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer().complete(answers.get(i));
      }
    } catch (SQLException e) {
      var failure = DatabaseFailures.of(e);
      if (batch.size() > 1 && failure instanceof RefusedRowException) {
        batch.forEach(each -> answer(List.of(each)));
      } else {
        fail(batch, failure);
      }
    } catch (RuntimeException | Error e) {
      fail(batch, e);
    }
  }

  private static <Q, A> void fail(List<Asked<Q, A>> batch, Throwable cause) {
    batch.forEach(each -> each.answer().completeExceptionally(cause));
  }
}
