package io.turboprop.kubernetes;

import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.store.EngineLock;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one node of the cluster watch the FlyteWorkflow resources: the node that holds a lock of the
 * database. The others try to get the lock once a second. The database releases the lock as soon as
 * that node is gone. For a moment two nodes may watch, which does no harm.
 */
public final class ResourceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceWatch.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final EngineLock lock;
  private final StatusWriter.Sources sources;
  private final ResourceExecutions executions;
  private final ResourceEnds ends;
  private final ResourceSettings settings;
  private final Clock clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** The components that run while this node watches. */
  private record Open(
      ResourceController controller, StatusWriter writer, GarbageCollection collection) {
    /** Closes all parts; if closing one fails, the others are closed all the same. */
    void close() {
      close(controller::close);
      close(writer::close);
      close(collection::close);
    }

    private static void close(Runnable part) {
      try {
        part.run();
      } catch (RuntimeException e) {
        LOG.error("a part of the watch of FlyteWorkflow resources could not be closed", e);
      }
    }
  }

  /**
   * @param client the client of the cluster's API; closed with this watch
   * @param lock the lock that one node at a time holds
   * @param ends called for resources that end and have not become executions
   */
  public ResourceWatch(
      KubernetesClient client,
      EngineLock lock,
      StatusWriter.Sources sources,
      ResourceExecutions executions,
      ResourceEnds ends,
      ResourceSettings settings,
      Clock clock) {
    this.client = client;
    this.lock = lock;
    this.sources = sources;
    this.executions = executions;
    this.ends = ends;
    this.settings = settings;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("turboprop-resource-watch").unstarted(this::run);
  }

  /** Watches from now on, or waits for its turn. */
  public void start() {
    thread.start();
  }

  private void run() {
    Optional<Open> open = Optional.empty();
    try {
      do {
        open = openOrClosed(open);
      } while (!closed.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.ifPresent(Open::close);
      lock.release();
    }
  }

  /** Opens what is closed if this node holds the lock, and closes what is open if it does not. */
  private Optional<Open> openOrClosed(Optional<Open> open) {
    try {
      var holds = lock.tryHold();
      if (holds && open.isEmpty()) {
        LOG.info("this node watches the FlyteWorkflow resources");
        return Optional.of(open());
      }
      if (!holds && open.isPresent()) {
        LOG.info("another node watches the FlyteWorkflow resources");
        open.orElseThrow().close();
        return Optional.empty();
      }
      open.ifPresent(each -> each.controller().admit());
    } catch (RuntimeException e) {
      LOG.error(
          "the watch of the FlyteWorkflow resources failed; trying again in {}", LOOK_AGAIN, e);
    }
    return open;
  }

  private Open open() {
    var resources = new FlyteWorkflows(client, settings);
    var changes = new ResourceChanges(resources);
    var open =
        new Open(
            new ResourceController(
                resources,
                changes,
                sources.tables(),
                new ResourceAcceptance(sources.tables(), executions, sources.storage(), clock),
                executions,
                ends,
                settings,
                clock),
            new StatusWriter(sources, changes, settings, clock),
            new GarbageCollection(resources, settings, clock));
    open.controller().start();
    open.writer().start();
    open.collection().start();
    return open;
  }

  /** Leaves the watch to another node. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
