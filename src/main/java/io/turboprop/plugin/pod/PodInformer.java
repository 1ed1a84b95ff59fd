package io.turboprop.plugin.pod;

import io.turboprop.kubernetes.client.ListWatch;
import io.turboprop.kubernetes.client.WatchSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows all pods of the installation in a cluster, and notifies an attempt when its pod has
 * changed: the only reader of pods, however many attempts there are.
 *
 * <p>While the API server does not answer, what was known last stays known, and attempts hear
 * nothing.
 */
final class PodInformer implements ListWatch.Listener<ObservedPod>, AutoCloseable {
  private final ListWatch<ObservedPod> watch;
  private final Map<PodKey, ObservedPod> pods = new ConcurrentHashMap<>();
  private final Map<PodKey, Follower> followers = new ConcurrentHashMap<>();

  /** The pods of the list that is being read; only the thread of the watch uses it. */
  private final Set<PodKey> inList = new HashSet<>();

  private boolean listing;
  private volatile boolean listed;

  /** An attempt that wants to hear of its pod. {@code gone}: its pod was there and is deleted. */
  private static final class Follower {
    final Runnable lookAgain;
    volatile boolean gone;

    Follower(Runnable lookAgain, boolean gone) {
      this.lookAgain = lookAgain;
      this.gone = gone;
    }
  }

  PodInformer(Pods source, WatchSettings settings, Clock clock) {
    this.watch = new ListWatch<>("pods", source, this, settings, clock);
  }

  /** Begins to list and to watch, in a thread of its own. */
  void start() {
    watch.start();
  }

  /** Whether all pods have been listed once; before that, an unknown pod may exist. */
  boolean hasListed() {
    return listed;
  }

  /** How long ago the API server was last heard of. */
  Duration silence() {
    return watch.silence();
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
   * Takes over a pod that a request has just returned, unless the watch has already reported a
   * later state of it.
   */
  void learn(ObservedPod pod) {
    pods.compute(
        pod.key(),
        (key, known) -> {
          var follower = followers.get(key);
          return known == null && (follower == null || !follower.gone) ? pod : known;
        });
  }

  @Override
  public void listing() {
    listing = true;
    inList.clear();
  }

  @Override
  public void present(ObservedPod pod) {
    if (listing) {
      inList.add(pod.key());
    }
    put(pod);
  }

  @Override
  public void gone(ObservedPod pod) {
    remove(pod);
  }

  @Override
  public void listed(String version) {
    for (var known : all()) {
      // A pod that was created after the list began is not in it, and is no older than the list.
      if (!inList.contains(known.key()) && !ListWatch.isNewer(known.version(), version)) {
        remove(known);
      }
    }
    listing = false;
    inList.clear();
    if (!listed) {
      listed = true;
      followers.values().forEach(follower -> follower.lookAgain.run());
    }
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

  @Override
  public void close() {
    watch.close();
  }
}
