package io.turboprop.kubernetes.client;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all objects of one kind: lists them by pages, then watches them, and lists them again
 * after an expired version (410) and after {@link WatchSettings#listAgainAfter}. A failure, and a
 * watch that has ended at once, is followed by a pause. While the API server does not answer, the
 * listener hears nothing.
 */
public final class ListWatch<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ListWatch.class);

  private final String plural;
  private final WatchedObjects<T> source;
  private final Listener<T> listener;
  private final WatchSettings settings;
  private final Clock clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Instant heardAt;
  private volatile @Nullable Thread thread;

  /** Hears of the objects, always in one thread. */
  public interface Listener<T> {

    /** A list begins. */
    void listing();

    /** An object is in the list, or new, or has changed. */
    void present(T object);

    /** An object is gone; this was its last state. */
    void gone(T object);

    /**
     * A list is complete. Every object that was not reported since {@link #listing} is gone, unless
     * its version is newer than the list.
     *
     * @param version the {@code resourceVersion} of the list
     */
    void listed(String version);
  }

  /**
   * @param plural the name of the objects, for the thread and for messages
   */
  public ListWatch(
      String plural,
      WatchedObjects<T> source,
      Listener<T> listener,
      WatchSettings settings,
      Clock clock) {
    this.plural = plural;
    this.source = source;
    this.listener = listener;
    this.settings = settings;
    this.clock = clock;
    this.heardAt = clock.instant();
  }

  /** Begins to list and to watch, in a thread of its own. */
  public void start() {
    thread = Thread.ofPlatform().name("turboprop-" + plural).daemon().start(this::run);
  }

  /** How long ago the API server was last heard of. */
  public Duration silence() {
    return Duration.between(heardAt, clock.instant());
  }

  /** Versions are numbers that grow (Kubernetes 1.35); others are taken for older. */
  public static boolean isNewer(String version, String than) {
    try {
      return Long.parseLong(version) > Long.parseLong(than);
    } catch (NumberFormatException _) {
      return false;
    }
  }

  private void run() {
    var pause = settings.retry().min();
    while (!isClosed()) {
      var begun = System.nanoTime();
      try {
        watchFrom(list());
        pause = settings.retry().min();
      } catch (WatchedObjects.ExpiredException e) {
        LOG.debug("the {} are listed again: {}", plural, e.getMessage());
        pause = restIfShort(begun, pause);
      } catch (IOException | RuntimeException e) {
        if (isClosed()) {
          return;
        }
        warn(e, pause);
        rest(pause);
        pause = settings.retry().next(pause);
      }
    }
  }

  private void warn(Exception failure, Duration pause) {
    if (failure instanceof IOException) {
      LOG.warn(
          "the {} could not be read from the Kubernetes API: {}; trying again in {}",
          plural,
          failure.getMessage(),
          pause);
    } else {
      LOG.error("the {} cannot be watched, and are listed again in {}", plural, pause, failure);
    }
  }

  private String list() throws IOException {
    listener.listing();
    var page = source.list("");
    var version = page.version();
    while (true) {
      heardAt = clock.instant();
      page.objects().forEach(listener::present);
      if (page.next().isEmpty()) {
        listener.listed(version);
        return version;
      }
      page = source.list(page.next());
    }
  }

  /**
   * Watches until it is time to list again. After a cut, the watch goes on from the last version.
   */
  private void watchFrom(String start) throws IOException {
    var listAgainAt = clock.instant().plus(settings.listAgainAfter());
    var version = new String[] {start};
    var pause = settings.retry().min();
    while (!isClosed() && clock.instant().isBefore(listAgainAt)) {
      var before = version[0];
      var begun = System.nanoTime();
      try {
        source.watch(before, change -> version[0] = apply(change));
        pause = restIfShort(begun, pause);
      } catch (WatchedObjects.ExpiredException e) {
        throw e;
      } catch (IOException e) {
        if (isClosed()) {
          return;
        }
        LOG.info("the watch of {} was cut, and goes on in {}: {}", plural, pause, e.toString());
        rest(pause);
        pause = before.equals(version[0]) ? settings.retry().next(pause) : settings.retry().min();
      }
    }
  }

  private String apply(WatchedObjects.Change<T> change) {
    heardAt = clock.instant();
    switch (change) {
      case WatchedObjects.Change.Present<T>(var object, _) -> listener.present(object);
      case WatchedObjects.Change.Gone<T>(var object, _) -> listener.gone(object);
      case WatchedObjects.Change.Nothing<T> _ -> {}
    }
    return change.version();
  }

  /**
   * Rests after a watch that has ended at once, so that a server that ends every watch is not asked
   * all the time.
   *
   * @return the next pause
   */
  private Duration restIfShort(long begunNanos, Duration pause) {
    if (System.nanoTime() - begunNanos >= settings.retry().min().toNanos()) {
      return settings.retry().min();
    }
    rest(pause);
    return settings.retry().next(pause);
  }

  private void rest(Duration pause) {
    try {
      closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  @Override
  public void close() {
    closed.countDown();
    var watching = thread;
    if (watching != null) {
      watching.interrupt();
    }
  }
}
