package io.turboprop.postgres;

import java.nio.file.Path;
import java.util.Map;

/** Which PostgreSQL server the engine uses. */
public sealed interface PostgresServer {

  /**
   * Our own server, started with the process and stopped with it.
   *
   * @param folder holds everything of it: data, password, log, lock
   * @param binaries where PostgreSQL is unpacked, once per version; may be shared by many folders
   * @param port on 127.0.0.1; 0 is any free one
   * @param parameters of {@code postgresql.conf}, besides those that we need as they are
   */
  record Embedded(Path folder, Path binaries, int port, Map<String, String> parameters)
      implements PostgresServer {}

  /** Somebody else's server. */
  record External(String url, String user, String password) implements PostgresServer {
    @Override
    public String toString() {
      return "External[" + url + ", " + user + "]";
    }
  }
}
