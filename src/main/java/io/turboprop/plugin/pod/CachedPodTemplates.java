package io.turboprop.plugin.pod;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** PodTemplates that are read again after a time, so that a pod does not cost a request for one. */
final class CachedPodTemplates implements PodTemplates {
  private static final int TEMPLATES_MAX = 1000;

  private final PodTemplates source;
  private final Cache<PodKey, Optional<BasePodTemplate>> cache;

  CachedPodTemplates(PodTemplates source, Duration resync) {
    this.source = source;
    this.cache = Caffeine.newBuilder().maximumSize(TEMPLATES_MAX).expireAfterWrite(resync).build();
  }

  @Override
  public Optional<BasePodTemplate> find(String namespace, String name) throws IOException {
    var key = new PodKey(namespace, name);
    var cached = cache.getIfPresent(key);
    if (cached != null) {
      return cached;
    }
    var found = source.find(namespace, name);
    cache.put(key, found);
    return found;
  }
}
