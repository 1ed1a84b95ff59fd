package io.turboprop.catalog;

import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.data.Literals;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A catalog in memory, without an age limit; reservations never expire. */
public final class TestingCatalog implements Catalog {
  private final Map<CacheKey, Hit> hits = new ConcurrentHashMap<>();
  private final Map<CacheKey, String> owners = new ConcurrentHashMap<>();

  @Override
  public Optional<Hit> lookup(CacheKey key, Set<String> outputs) {
    return Optional.ofNullable(hits.get(key))
        .filter(hit -> hit.outputs().map().getLiteralsMap().keySet().equals(outputs));
  }

  @Override
  public CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite) {
    var hit = new Hit(outputs, key.metadata(Optional.of(key.tag()), Optional.of(source)));
    return hits.merge(key, hit, (before, after) -> overwrite ? after : before).metadata();
  }

  @Override
  public Reservation reserve(CacheKey key, String owner) {
    var holder = owners.computeIfAbsent(key, _ -> owner);
    return holder.equals(owner)
        ? new Reservation.Acquired(Instant.MAX)
        : new Reservation.Held(holder, Instant.MAX);
  }

  @Override
  public void release(CacheKey key, String owner) {
    owners.remove(key, owner);
  }
}
