package io.turboprop.plugin.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts processes on platform threads. A start blocks its thread in native code for some
 * milliseconds, or tenths of a second on a busy machine. A virtual thread would block its carrier
 * with it, and all calls of the engine wait for one of these, of which there are as many as cores.
 */
final class ProcessStarts {
  private static final ExecutorService THREADS =
      Executors.newFixedThreadPool(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          Thread.ofPlatform().daemon().name("process-start-", 0).factory());

  private ProcessStarts() {}

  /**
   * Starts a process; blocks until it runs, also if the calling thread is interrupted, so that no
   * process is left unknown.
   *
   * @throws IOException as {@link ProcessBuilder#start}
   */
  static Process start(ProcessBuilder builder) throws IOException {
    try {
      return CompletableFuture.supplyAsync(() -> started(builder), THREADS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure.getCause();
      }
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private static Process started(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
