package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Optional;

/**
 * What is to be told of an attempt that has ended, besides its outputs or error.
 *
 * @param startedAt when it began to run; empty when it never ran (a cache hit, a refusal)
 * @param details as in {@link Progress}
 * @param cache what the catalog did
 * @param deckUri where its deck lies
 */
public record AttemptSummary(
    Optional<Instant> startedAt, ByteString details, Cache cache, Optional<String> deckUri) {
  public static final AttemptSummary NONE =
      new AttemptSummary(Optional.empty(), ByteString.EMPTY, Cache.DISABLED, Optional.empty());

  /**
   * @param status engine §5.4
   * @param key a serialized {@code flyteidl.core.CatalogMetadata}, or nothing
   */
  public record Cache(CacheStatus status, ByteString key) {
    public static final Cache DISABLED = new Cache(CacheStatus.DISABLED, ByteString.EMPTY);
  }

  /** Numbers are those of {@code flyteidl.core.CatalogCacheStatus}. */
  public enum CacheStatus {
    DISABLED,
    MISS,
    HIT,
    POPULATED,
    LOOKUP_FAILURE,
    PUT_FAILURE,
    SKIPPED,
    EVICTED
  }
}
