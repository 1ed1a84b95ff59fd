package io.turboprop.store;

import java.util.Optional;
import java.util.Set;

/** Whether PostgreSQL keeps the commits that it has acknowledged. */
public final class Durability {
  /** Values of {@code synchronous_commit} with which a commit is on disk when it is answered. */
  private static final Set<String> DURABLE = Set.of("on", "local", "remote_write", "remote_apply");

  private Durability() {}

  /**
   * The problem of a server that may lose commits, and its remedy, as the rest of a sentence about
   * the server; empty if the server keeps what it acknowledges.
   *
   * @param fsync the server's parameter {@code fsync}, as {@code show} returns it
   * @param synchronousCommit the parameter {@code synchronous_commit}
   */
  public static Optional<String> problem(String fsync, String synchronousCommit) {
    return "on".equals(fsync) && DURABLE.contains(synchronousCommit)
        ? Optional.empty()
        : Optional.of(
            "forgets acknowledged commits (fsync = %s, synchronous_commit = %s): switch both on"
                .formatted(fsync, synchronousCommit));
  }
}
