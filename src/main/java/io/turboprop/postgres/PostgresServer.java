package io.turboprop.postgres;

import java.nio.file.Path;
import java.util.Map;

/** The PostgreSQL server that the engine uses. */
public sealed interface PostgresServer {

  /**
   * An embedded server, which the engine starts and stops.
   *
   * @param folder holds its data, password, log and lock
   * @param binaries the folder for the unpacked programs, one folder per version; servers may share
   *     it
   * @param port its port on 127.0.0.1; 0 is any free port
   * @param parameters further parameters of {@code postgresql.conf}
   */
  record Embedded(Path folder, Path binaries, int port, Map<String, String> parameters)
      implements PostgresServer {}

  /** A server that runs independently of the engine. */
  record External(String url, String user, String password) implements PostgresServer {
    @Override
    public String toString() {
      return "External[" + url + ", " + user + "]";
    }
  }
}
