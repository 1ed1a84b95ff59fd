package io.turboprop.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When what a row shows was created, began to run, was last heard of, and ended; each null while it
 * has not been told. In a change, null leaves the row as it is.
 */
public record Timestamps(
    @Nullable Instant createdAt,
    @Nullable Instant startedAt,
    Instant updatedAt,
    @Nullable Instant endedAt) {

  /** These moments and, after them, later ones: beginnings are kept, the rest is replaced. */
  Timestamps then(Timestamps later) {
    return new Timestamps(
        createdAt == null ? later.createdAt : createdAt,
        startedAt == null ? later.startedAt : startedAt,
        later.updatedAt,
        later.endedAt == null ? endedAt : later.endedAt);
  }

  /** When it was created, or else first heard of. */
  Instant createdOrUpdatedAt() {
    if (createdAt != null) {
      return createdAt;
    }
    return startedAt != null ? startedAt : updatedAt;
  }
}
