package io.turboprop.admin.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Parses and writes large messages on a few dedicated threads. On a virtual thread, such work would
 * occupy a carrier thread, which all calls share; on an event loop, it would delay all connections
 * of the loop.
 */
final class CodecThreads implements AutoCloseable {
  private static final int THREADS_MIN = 2;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          Math.max(THREADS_MIN, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().daemon().name("codec-", 0).factory());

  /**
   * Runs on the current thread if the message is small, otherwise on a thread of the pool.
   *
   * @param bytes the size of the message
   */
  <T> T run(long bytes, Supplier<T> work) {
    if (bytes <= MemoryBudget.SMALL_BYTES_MAX) {
      return work.get();
    }
    try {
      return CompletableFuture.supplyAsync(work, threads).join();
    } catch (CompletionException failure) {
      throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
