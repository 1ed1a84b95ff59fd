package io.turboprop.catalog;

import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.data.Literals;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The task cache. Every method may block: call it on a virtual thread. A failure of the blob store
 * is an {@link IOException}, a failure of the database an unchecked exception; both may pass.
 */
public interface Catalog {

  /**
   * Cached outputs.
   *
   * @param metadata the artifact and its source
   */
  record Hit(Literals outputs, CatalogMetadata metadata) {}

  /**
   * The cached outputs of a key; empty when there are none or they are too old. An unusable entry,
   * whose file is deleted or whose variables differ, is removed and counts as missing: the task
   * then runs, whereas FlytePropeller fails the execution.
   *
   * @param outputs the names that the task's interface declares
   */
  Optional<Hit> lookup(CacheKey key, Set<String> outputs) throws IOException;

  /**
   * Caches outputs. If two runs have the same key, the outputs of the first stay, unless the second
   * overwrites.
   *
   * @param source the task execution that made the outputs, with the task's version
   * @param overwrite whether existing outputs are replaced
   * @return the entry that is cached now, of this run or of the other
   */
  CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite)
      throws IOException;

  /** The result of a request to reserve a key. */
  sealed interface Reservation {

    /**
     * The caller has the reservation, and has to extend it well before it expires.
     *
     * @param expiresAt by the clock of the database
     */
    record Acquired(Instant expiresAt) implements Reservation {}

    /** Another attempt has the reservation. */
    record Held(String owner, Instant expiresAt) implements Reservation {}
  }

  /**
   * Reserves a key, or extends the reservation that the owner has.
   *
   * @param owner the generated name of the attempt, which a restart does not change
   */
  Reservation reserve(CacheKey key, String owner);

  /**
   * Releases a key; does nothing when the owner does not hold it. Callers release after success,
   * failure and abort alike (FlytePropeller releases after success only, so that other attempts
   * wait).
   */
  void release(CacheKey key, String owner);
}
