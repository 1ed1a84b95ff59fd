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
 *
 * <p>These threads have a low priority, so that a small call does not wait for a core while a large
 * message is parsed. Huge messages are handled one after the other on half of the cores: each takes
 * tenths of a second and a large part of the heap, and the merely large ones shall not wait for it.
 */
final class CodecThreads implements AutoCloseable {
  /** A message beyond this size counts as huge. */
  static final long HUGE_BYTES_MIN = 1024 * 1024;

  private static final int LARGE_THREADS_MIN = 2;

  private static final int HALF_OF_THE_CORES = Runtime.getRuntime().availableProcessors() / 2;

  private final ExecutorService large =
      threads("codec-", Math.max(LARGE_THREADS_MIN, HALF_OF_THE_CORES));

  private final ExecutorService huge = threads("codec-huge-", Math.max(1, HALF_OF_THE_CORES));

  private static ExecutorService threads(String name, int count) {
    var factory = Thread.ofPlatform().daemon().name(name, 0).factory();
    return Executors.newFixedThreadPool(
        count,
        work ->
            factory.newThread(() -> {
              ThreadPriority.lower();
              work.run();
            }));
  }

  /**
   * Runs on the current thread if the message is small, otherwise on a thread of a pool.
   *
   * @param bytes the size of the message
   */
  <T> T run(long bytes, Supplier<T> work) {
    if (bytes <= MemoryBudget.SMALL_BYTES_MAX) {
      return work.get();
    }
    try {
      return CompletableFuture.supplyAsync(work, bytes < HUGE_BYTES_MIN ? large : huge).join();
    } catch (CompletionException failure) {
      throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
    }
  }

  @Override
  public void close() {
    large.shutdown();
    huge.shutdown();
  }
}
