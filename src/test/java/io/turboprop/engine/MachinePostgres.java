package io.turboprop.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.turboprop.TestingCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL of the programs that this machine has, with {@code pg_dump}, which our embedded
 * server lacks. It stands for the external server of a cluster.
 */
final class MachinePostgres implements AutoCloseable {
  private static final String USER = "turboprop";
  private static final Path INSTALLATIONS = Path.of("/usr/lib/postgresql");

  private final Path programs;
  private final int port;
  private final Process server;

  private MachinePostgres(Path programs, int port, Process server) {
    this.programs = programs;
    this.port = port;
    this.server = server;
  }

  /** Starts a server with no databases of ours; skips the calling test on a machine without. */
  static MachinePostgres start(Path folder) throws IOException, InterruptedException {
    var programs = programs();
    assumeTrue(
        programs.isPresent(),
        "no PostgreSQL with pg_dump below " + INSTALLATIONS + ": test skipped");
    var data = folder.resolve("postgresql").toString();
    var initdb = programs.get().resolve("initdb").toString();
    command(List.of(initdb, "-D", data, "-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync"))
        .succeed();
    var port = EngineProcess.freePort();
    var postgres = programs.get().resolve("postgres").toString();
    var words =
        List.of(
            postgres, "-D", data, "-p", "" + port, "-k", data, "-c", "listen_addresses=127.0.0.1");
    var server =
        new ProcessBuilder(command(words).words())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("postgresql.log").toFile())
            .start();
    var started = new MachinePostgres(programs.get(), port, server);
    Facts.await("a PostgreSQL that answers", Duration.ofMinutes(2), started::answers);
    return started;
  }

  /** The newest installation that has all programs. */
  private static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(INSTALLATIONS)) {
      return Optional.empty();
    }
    try (var versions = Files.list(INSTALLATIONS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin ->
              Stream.of("initdb", "postgres", "pg_dump", "pg_restore", "createdb")
                  .allMatch(program -> Files.isExecutable(bin.resolve(program))))
          .max(
              Comparator.comparing(
                  bin -> Integer.parseInt(bin.getParent().getFileName().toString())));
    }
  }

  /** PostgreSQL refuses to run as root; a root without privileges outside its namespace may. */
  private static TestingCommand command(List<String> words) {
    var isRoot = "root".equals(System.getProperty("user.name"));
    return TestingCommand.of(
        Stream.concat(isRoot ? Stream.of("unshare", "--user") : Stream.of(), words.stream())
            .toArray(String[]::new));
  }

  private boolean answers() {
    try {
      return client("pg_isready").run().code() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** One of PostgreSQL's client programs, connected to this server. */
  TestingCommand client(String program, String... arguments) {
    return TestingCommand.of(
        Stream.concat(
                Stream.of(
                    programs.resolve(program).toString(),
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "" + port,
                    "-U",
                    USER),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  /** The settings of an engine on a database of this server. */
  String settings(String database) {
    return "turboprop.store { server = external, external { user = %s, url = \"%s\" } }"
        .formatted(USER, "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database));
  }

  @Override
  public void close() throws InterruptedException {
    server.destroy();
    server.waitFor();
  }
}
