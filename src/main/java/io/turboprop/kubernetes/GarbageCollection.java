package io.turboprop.kubernetes;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the resources that ended more than {@code turboprop.kubernetes.max-ttl-hours} ago,
 * namespace by namespace. Kubernetes then deletes the objects that these resources own.
 */
final class GarbageCollection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);

  private final FlyteWorkflows resources;
  private final ResourceSettings settings;
  private final Clock clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  GarbageCollection(FlyteWorkflows resources, ResourceSettings settings, Clock clock) {
    this.resources = resources;
    this.settings = settings;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("turboprop-resource-gc").unstarted(this::run);
  }

  void start() {
    if (settings.collection().ttlHours() > 0) {
      thread.start();
    }
  }

  private void run() {
    try {
      do {
        collect();
      } while (!closed.await(settings.collection().interval().toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void collect() {
    try {
      var selector = selector(settings, clock.instant());
      for (var namespace : resources.namespaces()) {
        resources.delete(namespace, selector);
      }
    } catch (IOException | RuntimeException e) {
      if (closed.getCount() > 0) {
        LOG.warn(
            "resources that have ended can't be deleted now; trying again in {}",
            settings.collection().interval(),
            e);
      }
    }
  }

  /** Selects those that have ended before this hour and the hours that are kept. */
  static String selector(ResourceSettings settings, Instant now) {
    var kept = new ArrayList<String>();
    for (int hour = 0; hour <= settings.collection().ttlHours(); hour++) {
      kept.add(ResourceChanges.hour(now.minus(Duration.ofHours(hour))));
    }
    return "%s=%s,%s,%s notin (%s)%s"
        .formatted(
            ResourceSettings.TERMINATION,
            ResourceSettings.TERMINATED,
            ResourceChanges.COMPLETED_TIME,
            ResourceChanges.COMPLETED_TIME,
            String.join(",", kept),
            settings.selectorOfOwn());
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
