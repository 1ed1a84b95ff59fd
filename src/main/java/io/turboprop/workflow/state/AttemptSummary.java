package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Optional;

/**
 * The facts about an ended attempt that clients see besides its outputs or error.
 *
 * @param startedAt the time at which it began to run; empty if it never ran (a cache hit, a
 *     refusal)
 * @param details see {@link Progress}
 * @param cache the catalog's part in the attempt
 * @param deckUri the location of its deck; empty if it has none
 */
public record AttemptSummary(
    Optional<Instant> startedAt, ByteString details, Cache cache, Optional<String> deckUri) {
  public static final AttemptSummary NONE =
      new AttemptSummary(Optional.empty(), ByteString.EMPTY, Cache.DISABLED, Optional.empty());

  /**
   * @param status the attempt's use of the catalog
   * @param key a serialized {@code flyteidl.core.CatalogMetadata}, or nothing
   */
  public record Cache(CacheStatus status, ByteString key) {
    public static final Cache DISABLED = new Cache(CacheStatus.DISABLED, ByteString.EMPTY);
  }

  /** Numbers are those of {@code flyteidl.core.CatalogCacheStatus}. */
  public enum CacheStatus {
    DISABLED(0),
    MISS(1),
    HIT(2),
    POPULATED(3),
    LOOKUP_FAILURE(4),
    PUT_FAILURE(5),
    SKIPPED(6),
    EVICTED(7);

    private final int number;

    CacheStatus(int number) {
      this.number = number;
    }

    /** The number by which rows and messages refer to it; it never changes. */
    public int number() {
      return number;
    }

    /**
     * The constant of a stored number.
     *
     * @throws IllegalArgumentException when this version does not know it
     */
    public static CacheStatus of(int number) {
      for (var known : values()) {
        if (known.number == number) {
          return known;
        }
      }
      throw new IllegalArgumentException("unknown cache status: " + number);
    }
  }
}
