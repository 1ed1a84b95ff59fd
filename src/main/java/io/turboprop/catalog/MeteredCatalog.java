package io.turboprop.catalog;

import static io.turboprop.metric.Meters.flyte;

import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.micrometer.core.instrument.Counter;
import io.turboprop.data.Literals;
import io.turboprop.metric.Meters;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** A decorator that counts the calls of a catalog and their results. */
public final class MeteredCatalog implements Catalog {
  private final Catalog catalog;
  private final Counter hits;
  private final Counter misses;
  private final Counter lookupFailures;
  private final Counter skips;
  private final Counter puts;
  private final Counter putFailures;
  private final Counter reservations;
  private final Counter reservationFailures;
  private final Counter releases;
  private final Counter releaseFailures;

  public MeteredCatalog(Catalog catalog, Meters meters) {
    this.catalog = catalog;
    this.hits = meters.counter(flyte("discovery_hit_count"), "outputs found in the task cache");
    this.misses =
        meters.counter(flyte("discovery_miss_count"), "outputs not found in the task cache");
    this.lookupFailures =
        meters.counter(flyte("discovery_get_failure_count"), "look-ups that failed");
    this.skips =
        meters.counter(
            flyte("discovery_skip_count"), "outputs that replaced cached ones without a look-up");
    this.puts = meters.counter(flyte("discovery_put_success_count"), "outputs that were cached");
    this.putFailures =
        meters.counter(flyte("discovery_put_failure_count"), "outputs that could not be cached");
    this.reservations =
        meters.counter(
            flyte("reservation_get_success_count"),
            "answers to requests for a reservation or its extension");
    this.reservationFailures =
        meters.counter(flyte("reservation_get_failure_count"), "reservations that failed");
    this.releases =
        meters.counter(flyte("reservation_release_success_count"), "reservations released");
    this.releaseFailures =
        meters.counter(
            flyte("reservation_release_failure_count"),
            "reservations that could not be released, and expire");
  }

  @Override
  public Optional<Hit> lookup(CacheKey key, Set<String> outputs) throws IOException {
    try {
      var hit = catalog.lookup(key, outputs);
      (hit.isPresent() ? hits : misses).increment();
      return hit;
    } catch (IOException | RuntimeException e) {
      lookupFailures.increment();
      throw e;
    }
  }

  @Override
  public CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite)
      throws IOException {
    try {
      var kept = catalog.put(key, outputs, source, overwrite);
      puts.increment();
      if (overwrite) {
        skips.increment();
      }
      return kept;
    } catch (IOException | RuntimeException e) {
      putFailures.increment();
      throw e;
    }
  }

  @Override
  public Reservation reserve(CacheKey key, String owner) {
    try {
      var reservation = catalog.reserve(key, owner);
      reservations.increment();
      return reservation;
    } catch (RuntimeException e) {
      reservationFailures.increment();
      throw e;
    }
  }

  @Override
  public void release(CacheKey key, String owner) {
    try {
      catalog.release(key, owner);
      releases.increment();
    } catch (RuntimeException e) {
      releaseFailures.increment();
      throw e;
    }
  }
}
