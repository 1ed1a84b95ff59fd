package io.turboprop.store;

import java.util.Optional;
import java.util.Set;

/** Whether PostgreSQL keeps the commits that it has acknowledged. */
public final class Durability {
  /** Values of {@code synchronous_commit} with which a commit is on disk when it is answered. */
  private static final Set<String> DURABLE = Set.of("on", "local", "remote_write", "remote_apply");

  private Durability() {}

  /**
   * What is wrong, as the rest of a sentence about the server, and what to do; empty if the server
   * keeps what it acknowledges.
   *
   * @param fsync the server's parameter of this name, as {@code show} tells it
   * @param synchronousCommit as above
   */
  public static Optional<String> problem(String fsync, String synchronousCommit) {
    return "on".equals(fsync) && DURABLE.contains(synchronousCommit)
        ? Optional.empty()
        : Optional.of(
            "forgets acknowledged commits (fsync = %s, synchronous_commit = %s): switch both on"
                .formatted(fsync, synchronousCommit));
  }
}
