package io.turboprop.admin.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Reads and writes large messages on a few threads of their own. On a virtual thread such work
 * would keep a carrier, which all calls share, and on an event loop all its connections.
 */
final class CodecThreads implements AutoCloseable {
  private static final int THREADS_MIN = 2;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          Math.max(THREADS_MIN, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().daemon().name("codec-", 0).factory());

  /**
   * Works on the current thread if that is little work, else waits for a thread of the pool.
   *
   * @param bytes of the message
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
