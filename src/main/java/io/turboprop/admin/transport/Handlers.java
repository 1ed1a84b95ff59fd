package io.turboprop.admin.transport;

import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The virtual threads on which calls are worked on: a limited number, behind a queue with an end. A
 * call whose client leaves, or whose time ends, while it waits in the queue is not begun.
 */
final class Handlers implements AutoCloseable {
  private static final long IDLE_SECONDS = 60;

  private final ThreadPoolExecutor threads;

  /**
   * @param waitingMax calls beyond the first {@code handlersMax}
   */
  Handlers(int handlersMax, int waitingMax) {
    threads =
        new ThreadPoolExecutor(
            handlersMax,
            handlersMax,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waitingMax),
            Thread.ofVirtual().name("api-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * An executor for one request, which its calls may ask for; it throws {@link
   * RejectedExecutionException} when too many wait.
   */
  Executor of(ServiceRequestContext context) {
    return call ->
        threads.execute(() -> {
          if (!context.isCancelled()) {
            context.makeContextAware(call).run();
          }
        });
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
