package io.turboprop.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Runs blocking calls on threads that may block.
 *
 * @param threads gives each call a thread of its own
 */
public record BlockingCalls(Executor threads) {

  /**
   * Makes the call; the stage fails with the exception of the call, an {@link IOException} as
   * {@link UncheckedIOException}.
   */
  public <T> CompletionStage<T> call(Callable<T> call) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return call.call();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /** Makes the call; the stage fails with the exception of the call as it is. */
  public <T> CompletionStage<T> callChecked(Callable<T> call) {
    var result = new CompletableFuture<T>();
    threads.execute(() -> {
      try {
        result.complete(call.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }
}
