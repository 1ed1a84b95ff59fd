package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Optional;

/**
 * The facts about an ended attempt that clients see besides its outputs or error.
 *
 * @param startedAt the time at which it began to run; empty if it never ran (a cache hit, a
 *     refusal)
 * @param details as in {@link Progress}
 * @param cache the catalog's part in the attempt
 * @param deckUri the location of its deck; empty if it has none
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
