package io.turboprop.plugin.pod;

import io.turboprop.setting.BackOff;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Holds back the creation of pods in a namespace whose quota is used up, or where the API server is
 * overloaded: the pause doubles with each refusal, and ends with a success. While it lasts, a pod
 * is tried that requests less than every pod that was refused.
 */
final class CreationBackOff {
  private final BackOff backOff;
  private final Clock clock;
  private final Map<String, Refusals> byNamespace = new HashMap<>();

  private static final class Refusals {
    Duration pause = Duration.ZERO;
    Instant until = Instant.MIN;
    final Map<String, BigDecimal> ceilings = new HashMap<>();
  }

  /**
   * @param backOff the pauses after refusals in a row; a least pause of zero means no pause at all
   */
  CreationBackOff(BackOff backOff, Clock clock) {
    this.backOff = backOff;
    this.clock = clock;
  }

  /** How long a pod that requests this much has to wait; empty when it may be tried. */
  synchronized Optional<Duration> pause(String namespace, Map<String, BigDecimal> requested) {
    var refusals = byNamespace.get(namespace);
    var now = clock.instant();
    if (refusals == null
        || !now.isBefore(refusals.until)
        || isBelow(requested, refusals.ceilings)) {
      return Optional.empty();
    }
    return Optional.of(Duration.between(now, refusals.until));
  }

  private static boolean isBelow(
      Map<String, BigDecimal> requested, Map<String, BigDecimal> ceilings) {
    return !ceilings.isEmpty()
        && ceilings.entrySet().stream()
            .allMatch(ceiling ->
                requested
                        .getOrDefault(ceiling.getKey(), BigDecimal.ZERO)
                        .compareTo(ceiling.getValue())
                    < 0);
  }

  /**
   * Counts a refusal.
   *
   * @param requested the amounts by resource that a quota refused; empty when no quota refused the
   *     pod
   * @return how long to wait
   */
  synchronized Duration refused(String namespace, Map<String, BigDecimal> requested) {
    var refusals = byNamespace.computeIfAbsent(namespace, _ -> new Refusals());
    var now = clock.instant();
    // Refusals of pods that were tried at the same time count once.
    if (!now.isBefore(refusals.until)) {
      refusals.pause = refusals.pause.isZero() ? backOff.min() : backOff.next(refusals.pause);
      refusals.until = now.plus(refusals.pause);
    }
    requested.forEach(
        (resource, amount) -> refusals.ceilings.merge(resource, amount, BigDecimal::min));
    return Duration.between(now, refusals.until);
  }

  /** Forgets the refusals of a namespace: a pod was created there. */
  synchronized void succeeded(String namespace) {
    byNamespace.remove(namespace);
  }

  /** The number of namespaces whose pods have to wait. */
  synchronized int namespaces() {
    var now = clock.instant();
    return (int)
        byNamespace.values().stream().filter(refusals -> now.isBefore(refusals.until)).count();
  }
}
