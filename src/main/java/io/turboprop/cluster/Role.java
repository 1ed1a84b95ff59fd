package io.turboprop.cluster;

import java.util.Locale;

/** A task of a node in the cluster; a node has one role or several. */
public enum Role {
  /** Serves the API. */
  DOOR,
  /** Runs executions: holds their entities, publishes their steps. */
  ENGINE,
  /** Runs the processes of local-process tasks. */
  EXECUTOR;

  /** The name in the settings, in the tables and in Pekko Cluster. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Role of(String text) {
    for (var role : values()) {
      if (role.text().equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is not a role: door, engine or executor".formatted(text));
  }
}
