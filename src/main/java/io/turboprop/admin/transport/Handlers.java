package io.turboprop.admin.transport;

import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The virtual threads that handle calls: a limited number, behind a bounded queue. A call is not
 * started if its client leaves or its deadline passes while it is in the queue.
 */
final class Handlers implements AutoCloseable {
  private static final long IDLE_SECONDS = 60;

  private final ThreadPoolExecutor threads;

  /**
   * @param waitingMax the length of the queue, beyond the running {@code handlersMax} calls
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
   * The executor of a request; throws {@link RejectedExecutionException} when too many calls wait.
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
