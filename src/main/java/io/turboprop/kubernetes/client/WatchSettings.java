package io.turboprop.kubernetes.client;

import java.time.Duration;

/**
 * How all objects of a kind are watched.
 *
 * @param pageSize the entries of a page of a list
 * @param listAgainAfter how long a list serves at most
 * @param retry the pause after a failure, doubled with each up to {@code retryMax}
 */
public record WatchSettings(
    int pageSize, Duration listAgainAfter, Duration retry, Duration retryMax) {

  /** The pause after one more failure. */
  public Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(retryMax) < 0 ? doubled : retryMax;
  }
}
