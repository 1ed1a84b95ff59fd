package io.turboprop.store;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Sends many small requests to the database in one batch. A request that arrives while nothing is
 * under way is sent at once; requests that arrive meanwhile are collected for the next batch, so
 * that many of them cost little more than one.
 *
 * @param <R> a request
 * @param <S> its response
 */
public final class RequestBatcher<R, S> {

  /** Sends one batch to the database, on a thread that may block. */
  public interface BatchCall<R, S> {

    /**
     * @return one response for each request, in their order
     */
    List<S> call(List<R> requests) throws SQLException;
  }

  /**
   * The bounds of a batcher. No request is refused for its own size: it is accepted while the
   * waiting ones are within the bounds, and a large request makes a batch of its own.
   *
   * @param batchMax the most requests in one batch
   * @param batchBytesMax about how many bytes one batch has at most
   * @param parallelism how many batches are under way at once
   * @param waitingMax how many requests may wait; further ones fail
   * @param waitingBytesMax about how many bytes may wait before further requests fail; the last
   *     accepted request may exceed it
   */
  public record Bounds(
      int batchMax, long batchBytesMax, int parallelism, int waitingMax, long waitingBytesMax) {
    public Bounds {
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

  private record Pending<R, S>(R request, long bytes, CompletableFuture<S> response) {}

  private final BatchCall<R, S> database;
  private final ToLongFunction<R> bytes;
  private final Bounds bounds;
  private final Executor threads;
  private final Queue<Pending<R, S>> waiting = new ArrayDeque<>();
  private long bytesWaiting;
  private int underWay;

  /**
   * @param bytes about how much memory a request takes
   * @param threads runs the batches; it needs at least as many threads as all batchers that share
   *     it may have batches under way, added up
   */
  public RequestBatcher(
      BatchCall<R, S> database, ToLongFunction<R> bytes, Bounds bounds, Executor threads) {
    this.database = database;
    this.bytes = bytes;
    this.bounds = bounds;
    this.threads = threads;
  }

  /**
   * Sends a request.
   *
   * @return the response. It fails with an exception of {@link DatabaseFailures} when the database
   *     refuses this request or can't be reached, and with {@link RejectedExecutionException} when
   *     too many requests wait or the batcher is closed. What depends on the response runs on the
   *     thread of the batch, so it must not block: the next batch waits for it
   */
  public CompletionStage<S> send(R request) {
    var pending = pending(request);
    try {
      if (enqueue(pending)) {
        begin();
      }
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedStage(e);
    }
    return pending.response();
  }

  /**
   * Sends a request and blocks until its response is there. A batch that this request begins is
   * sent by the calling thread, since a change of threads takes longer than a small statement;
   * requests that have arrived meanwhile are left to the threads.
   *
   * @return the response
   * @throws CompletionException whose cause is what the stage of {@link #send} fails with
   */
  public S call(R request) {
    var pending = pending(request);
    try {
      if (enqueue(pending)) {
        var batch = take();
        if (!batch.isEmpty()) {
          send(batch);
          handOver();
        }
      }
    } catch (RejectedExecutionException e) {
      throw new CompletionException(e);
    }
    return pending.response().join();
  }

  private Pending<R, S> pending(R request) {
    return new Pending<>(request, bytes.applyAsLong(request), new CompletableFuture<>());
  }

  /**
   * Adds a request to those that wait.
   *
   * @return whether the caller must begin a worker for it
   */
  private boolean enqueue(Pending<R, S> pending) {
    synchronized (waiting) {
      if (!hasRoomToWait()) {
        throw new RejectedExecutionException(
            "the database is overloaded: %d requests of %d bytes wait already"
                .formatted(waiting.size(), bytesWaiting));
      }
      waiting.add(pending);
      bytesWaiting += pending.bytes();
      if (underWay == bounds.parallelism()) {
        return false;
      }
      underWay++;
      return true;
    }
  }

  private void begin() {
    try {
      threads.execute(() -> takeAll(this::send));
    } catch (RejectedExecutionException e) {
      takeAll(batch -> fail(batch, e));
    }
  }

  /** Ends a worker, or leaves its work to the threads if requests wait. */
  private void handOver() {
    synchronized (waiting) {
      if (waiting.isEmpty()) {
        underWay--;
        return;
      }
    }
    begin();
  }

  /** How many requests wait for the next batch. */
  public int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private boolean hasRoomToWait() {
    return waiting.size() < bounds.waitingMax() && bytesWaiting < bounds.waitingBytesMax();
  }

  private void takeAll(Consumer<List<Pending<R, S>>> action) {
    for (var batch = take(); !batch.isEmpty(); batch = take()) {
      action.accept(batch);
    }
  }

  /** The next batch; if it is empty, this worker ends. */
  private List<Pending<R, S>> take() {
    var batch = new ArrayList<Pending<R, S>>();
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

  private boolean hasRoom(List<Pending<R, S>> batch, long bytesTaken, Pending<R, S> next) {
    return batch.isEmpty()
        || (batch.size() < bounds.batchMax()
            && bytesTaken + next.bytes() <= bounds.batchBytesMax());
  }

  private void send(List<Pending<R, S>> batch) {
    try {
      var responses = database.call(batch.stream().map(Pending::request).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).response().complete(responses.get(i));
      }
    } catch (SQLException e) {
      var failure = DatabaseFailures.of(e);
      if (batch.size() > 1 && failure instanceof RefusedRowException) {
        batch.forEach(each -> send(List.of(each)));
      } else {
        fail(batch, failure);
      }
    } catch (RuntimeException | Error e) {
      fail(batch, e);
    }
  }

  private static <R, S> void fail(List<Pending<R, S>> batch, Throwable cause) {
    batch.forEach(each -> each.response().completeExceptionally(cause));
  }
}
