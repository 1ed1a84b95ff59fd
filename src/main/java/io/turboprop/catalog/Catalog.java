package io.turboprop.catalog;

import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.data.Literals;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The task cache (engine §5.2-5.4). Every method may block: call it on a virtual thread. They fail
 * with {@link IOException} when the blob store does and with an unchecked exception when the
 * database does; both may pass.
 */
public interface Catalog {

  /**
   * Outputs that were kept.
   *
   * @param metadata which artifact they are, and whose
   */
  record Hit(Literals outputs, CatalogMetadata metadata) {}

  /**
   * The outputs kept for a key; empty when there are none or they are too old. What is kept and
   * can't be used, because its file is gone or its variables are others, is forgotten and counts as
   * not there: the task is then run, where FlytePropeller fails the execution.
   *
   * @param outputs the names that the task's interface declares
   */
  Optional<Hit> lookup(CacheKey key, Set<String> outputs) throws IOException;

  /**
   * Keeps outputs. Of two runs with one key the first is kept, unless the second overwrites.
   *
   * @param source who made them; the task's version is told with it
   * @param overwrite replaces what is kept
   * @return what is kept now, ours or the other's
   */
  CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite)
      throws IOException;

  /** How an attempt to reserve a key ended. */
  sealed interface Reservation {

    /**
     * It is the caller's, who has to ask again well before the moment to go on having it.
     *
     * @param expiresAt by the clock of the database
     */
    record Acquired(Instant expiresAt) implements Reservation {}

    /** Somebody else is making the outputs. */
    record Held(String owner, Instant expiresAt) implements Reservation {}
  }

  /**
   * Reserves a key, or extends the reservation that the owner has.
   *
   * @param owner the same after a restart: the generated name of the attempt
   */
  Reservation reserve(CacheKey key, String owner);

  /**
   * Lets others have the key; does nothing when it is not the owner's. To be called after success,
   * failure and abort alike (FlytePropeller does so after success only, and others wait).
   */
  void release(CacheKey key, String owner);
}
