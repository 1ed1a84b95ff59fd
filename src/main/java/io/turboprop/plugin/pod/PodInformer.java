package io.turboprop.plugin.pod;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows all pods of the installation in a cluster, and tells an attempt when its pod has changed:
 * the only reader of pods, however many attempts there are. It lists the pods by pages, then
 * watches them; it lists again after an expired version (410), and from time to time in any case.
 *
 * <p>While the API server does not answer, what was known last stays known, and attempts hear
 * nothing.
 */
final class PodInformer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodInformer.class);

  private final Pods source;
  private final PodSettings.Watching settings;
  private final Clock clock;
  private final Map<PodKey, ObservedPod> pods = new ConcurrentHashMap<>();
  private final Map<PodKey, Follower> followers = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean listed;
  private volatile Instant heardAt;
  private volatile @Nullable Thread thread;

  /** An attempt that wants to hear of its pod. {@code gone}: its pod was there and is deleted. */
  private static final class Follower {
    final Runnable lookAgain;
    volatile boolean gone;

    Follower(Runnable lookAgain, boolean gone) {
      this.lookAgain = lookAgain;
      this.gone = gone;
    }
  }

  PodInformer(Pods source, PodSettings.Watching settings, Clock clock) {
    this.source = source;
    this.settings = settings;
    this.clock = clock;
    this.heardAt = clock.instant();
  }

  /** Begins to list and to watch, in a thread of its own. */
  void start() {
    thread = Thread.ofPlatform().name("turboprop-pods").daemon().start(this::run);
  }

  /** Whether all pods have been listed once; before that, an unknown pod may exist. */
  boolean hasListed() {
    return listed;
  }

  /** How long ago the API server was last heard of. */
  Duration silence() {
    return Duration.between(heardAt, clock.instant());
  }

  Optional<ObservedPod> pod(PodKey key) {
    return Optional.ofNullable(pods.get(key));
  }

  List<ObservedPod> all() {
    return List.copyOf(pods.values());
  }

  /** Whether an attempt of this process wants to hear of a pod. */
  boolean isFollowed(PodKey key) {
    return followers.containsKey(key);
  }

  /** Calls {@code lookAgain} after each change of a pod, until {@link #leave}. */
  void follow(PodKey key, Runnable lookAgain) {
    followers.compute(key, (_, before) -> new Follower(lookAgain, before != null && before.gone));
  }

  void leave(PodKey key) {
    followers.remove(key);
  }

  /**
   * Takes over a pod that a request has just returned, unless the watch has already told more of
   * it.
   */
  void learn(ObservedPod pod) {
    pods.compute(
        pod.key(),
        (key, known) -> {
          var follower = followers.get(key);
          return known == null && (follower == null || !follower.gone) ? pod : known;
        });
  }

  private void run() {
    var pause = settings.retry();
    while (!isClosed()) {
      try {
        watchFrom(list());
        pause = settings.retry();
      } catch (Pods.ExpiredException e) {
        LOG.debug("the pods are listed again: {}", e.getMessage());
      } catch (IOException | RuntimeException e) {
        if (isClosed()) {
          return;
        }
        LOG.warn("the pods cannot be watched, and are listed again in {}", pause, e);
        rest(pause);
        pause = longer(pause);
      }
    }
  }

  private String list() throws IOException {
    var present = new HashSet<PodKey>();
    var page = source.list("");
    var version = page.version();
    while (true) {
      heardAt = clock.instant();
      for (var pod : page.pods()) {
        present.add(pod.key());
        put(pod);
      }
      if (page.next().isEmpty()) {
        break;
      }
      page = source.list(page.next());
    }
    for (var known : all()) {
      // A pod that was created after the list began is not in it, and is no older than the list.
      if (!present.contains(known.key()) && !isNewer(known.version(), version)) {
        remove(known);
      }
    }
    if (!listed) {
      listed = true;
      followers.values().forEach(follower -> follower.lookAgain.run());
    }
    return version;
  }

  /** Versions are numbers that grow (Kubernetes 1.35); others are taken for older. */
  private static boolean isNewer(String version, String than) {
    try {
      return Long.parseLong(version) > Long.parseLong(than);
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /** Watches until it is time to list again. A watch that is cut goes on where it was. */
  private void watchFrom(String start) throws IOException {
    var listAgainAt = clock.instant().plus(settings.listAgainAfter());
    var version = new String[] {start};
    var pause = settings.retry();
    while (!isClosed() && clock.instant().isBefore(listAgainAt)) {
      var before = version[0];
      try {
        source.watch(before, change -> version[0] = apply(change));
        pause = settings.retry();
      } catch (Pods.ExpiredException e) {
        throw e;
      } catch (IOException e) {
        if (isClosed()) {
          return;
        }
        LOG.info("the watch of pods was cut, and goes on in {}: {}", pause, e.toString());
        rest(pause);
        pause = before.equals(version[0]) ? longer(pause) : settings.retry();
      }
    }
  }

  private String apply(Pods.Change change) {
    heardAt = clock.instant();
    return switch (change) {
      case Pods.Change.Present(var pod) -> {
        put(pod);
        yield pod.version();
      }
      case Pods.Change.Gone(var pod) -> {
        remove(pod);
        yield pod.version();
      }
      case Pods.Change.Nothing(var version) -> version;
    };
  }

  private void put(ObservedPod pod) {
    var before = pods.put(pod.key(), pod);
    if (before == null || !before.version().equals(pod.version())) {
      tell(pod.key());
    }
  }

  private void remove(ObservedPod pod) {
    var follower = followers.get(pod.key());
    if (follower != null) {
      follower.gone = true;
    }
    pods.remove(pod.key());
    tell(pod.key());
  }

  private void tell(PodKey key) {
    var follower = followers.get(key);
    if (follower != null) {
      follower.lookAgain.run();
    }
  }

  private Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(settings.retryMax()) < 0 ? doubled : settings.retryMax();
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
