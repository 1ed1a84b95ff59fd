package io.turboprop.postgres;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that the engine runs itself, on a data folder that outlives both.
 *
 * <p>The folder holds {@code pgdata}, {@code password}, {@code postgresql.log} (and the previous
 * log) and {@code lock}. The lock refuses a second process. If an engine is killed, its server
 * keeps running. The next engine takes over that server if its configuration is the wanted one;
 * otherwise it stops the server and starts its own. In both cases all sessions of the killed engine
 * end, so that none of its statements can commit after the new engine has read. If the server ends
 * unexpectedly, the engine starts it again. The server listens on 127.0.0.1 only and requires the
 * password. Every commit is on disk before it is acknowledged.
 */
public final class EmbeddedPostgresServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresServer.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration TAKEOVER_TIMEOUT = Duration.ofSeconds(5);
  private static final String USER = "turboprop";
  private static final String PASSWORD = "password";

  private static final String SHELL_CHARACTERS =
      "\"$`\\\n\r"
          .replace(File.separator, ""); // on Windows the programs use no shell with these rules

  private final FolderLock lock;
  private final PostgresControl control;
  private final PostgresSupervisor supervisor;
  private final PostgresServer.External address;

  private EmbeddedPostgresServer(
      FolderLock lock, PostgresControl control, PostgresServer.External address) {
    this.lock = lock;
    this.control = control;
    this.supervisor = PostgresSupervisor.over(control);
    this.address = address;
  }

  /**
   * Starts the server; returns when it accepts connections.
   *
   * @throws StoreException when another process uses the folder, or the server does not start
   */
  public static EmbeddedPostgresServer start(PostgresServer.Embedded settings) {
    var folder = settings.folder().toAbsolutePath().normalize();
    refuseShellCharacters(folder, "turboprop.store.embedded.folder (--data)");
    refuseShellCharacters(settings.binaries().toAbsolutePath(), "turboprop.cache");
    try {
      Folders.create(folder, Folders.OWNER_ONLY);
      var lock = FolderLock.acquire(folder);
      try {
        return start(settings, folder, lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StoreException("can't start PostgreSQL in " + folder, e);
    }
  }

  private static EmbeddedPostgresServer start(
      PostgresServer.Embedded settings, Path folder, FolderLock lock) throws IOException {
    var begin = System.nanoTime();
    var data = data(folder);
    var log = new PostgresLog(folder.resolve("postgresql.log"));
    var control =
        new PostgresControl(PostgresBinaries.unpacked(settings.binaries()), data, log.file());
    var password = password(folder);
    var port = takenOver(settings, control, data, password);
    if (port.isEmpty()) {
      control.stopOrphan(STOP_TIMEOUT);
      log.beginAnew();
      port = OptionalInt.of(startAnew(settings, control, folder, data));
    } else {
      log.cut();
    }
    LOG.info(
        "PostgreSQL is up on port {} in {} ms, data in {}",
        port.getAsInt(),
        (System.nanoTime() - begin) / 1_000_000,
        folder);
    return new EmbeddedPostgresServer(lock, control, on(port.getAsInt(), password));
  }

  /**
   * The port of the server that was left behind, after it was taken over; empty if there is none or
   * its configuration differs.
   */
  private static OptionalInt takenOver(
      PostgresServer.Embedded settings, PostgresControl control, Path data, String password)
      throws IOException {
    var port = control.portLeftBehind();
    if (port.isEmpty() || !isConfigured(data, port.getAsInt(), settings)) {
      return OptionalInt.empty();
    }
    try {
      PostgresTakeover.endOtherSessions(on(port.getAsInt(), password), TAKEOVER_TIMEOUT);
      LOG.info("the server that was left behind on {} is taken over", data);
      return port;
    } catch (SQLException e) {
      LOG.warn("the server that was left behind on {} can't be taken over", data, e);
      return OptionalInt.empty();
    }
  }

  /** Starts a server; returns its port. */
  private static int startAnew(
      PostgresServer.Embedded settings, PostgresControl control, Path folder, Path data)
      throws IOException {
    if (!Files.exists(data)) {
      create(control, folder, data);
    }
    var port = settings.port() == 0 ? freePort() : settings.port();
    Files.writeString(data.resolve("postgresql.conf"), configuration(port, settings));
    control.start();
    return port;
  }

  /** Whether the server on this port runs with the wanted configuration. */
  private static boolean isConfigured(Path data, int port, PostgresServer.Embedded settings)
      throws IOException {
    var file = data.resolve("postgresql.conf");
    return (settings.port() == 0 || settings.port() == port)
        && Files.exists(file)
        && Files.readString(file).equals(configuration(port, settings));
  }

  /**
   * The address of the server that another process runs on the folder; empty if none does.
   *
   * @throws StoreException when the folder can't be read
   */
  public static Optional<PostgresServer.External> running(PostgresServer.Embedded settings) {
    var folder = settings.folder().toAbsolutePath().normalize();
    try {
      var port = PostgresControl.port(data(folder));
      return port.isPresent() && FolderLock.isHeld(folder)
          ? Optional.of(on(port.getAsInt(), password(folder)))
          : Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      throw new StoreException("can't find out whether PostgreSQL runs in " + folder, e);
    }
  }

  /** Whether a server has ever been started on the folder. */
  public static boolean hasData(PostgresServer.Embedded settings) {
    return Files.exists(data(settings.folder()));
  }

  private static Path data(Path folder) {
    return folder.resolve("pgdata");
  }

  /**
   * Refuses a path that a shell would misread: PostgreSQL's own programs pass it to a shell, in
   * double quotes.
   */
  private static void refuseShellCharacters(Path path, String setting) {
    if (path.toString().chars().anyMatch(character -> SHELL_CHARACTERS.indexOf(character) >= 0)) {
      throw new StoreException(
          "PostgreSQL can't be run in %s: a path with one of \" $ ` \\ is not safe there; choose another, %s"
              .formatted(path, setting));
    }
  }

  private static PostgresServer.External on(int port, String password) {
    return new PostgresServer.External(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, password);
  }

  /** The server's address, with user and password. */
  public PostgresServer.External address() {
    return address;
  }

  /** The file with the password of the server's user. */
  public static Path passwordFile(PostgresServer.Embedded settings) {
    return settings.folder().toAbsolutePath().normalize().resolve(PASSWORD);
  }

  /**
   * Leaves the server running when this process ends. From now on, this process does not start the
   * server again if it ends.
   *
   * @return its address
   */
  public PostgresServer.External leaveRunning() {
    supervisor.close();
    lock.close();
    return address;
  }

  /**
   * Stops the server of a folder after {@link #leaveRunning}, if it runs.
   *
   * @throws StoreException when an engine uses the folder, or the server does not stop
   */
  public static void stop(PostgresServer.Embedded settings) {
    var folder = settings.folder().toAbsolutePath().normalize();
    if (!hasData(settings)) {
      return;
    }
    try (var _ = FolderLock.acquire(folder)) {
      new PostgresControl(
              PostgresBinaries.unpacked(settings.binaries()),
              data(folder),
              folder.resolve("postgresql.log"))
          .stopOrphan(STOP_TIMEOUT);
    } catch (IOException e) {
      throw new StoreException("can't stop PostgreSQL in " + folder, e);
    }
  }

  /** Stops the server. Connections are cut; committed transactions are on disk. */
  @Override
  public void close() {
    supervisor.close();
    try {
      control.stop(STOP_TIMEOUT);
    } catch (IOException e) {
      throw new UncheckedIOException("can't stop PostgreSQL", e);
    } finally {
      lock.close();
    }
  }

  /**
   * Creates the data folder under another name and renames it, so that it is either complete or
   * missing.
   */
  private static void create(PostgresControl control, Path folder, Path data) throws IOException {
    var unfinished = folder.resolve("pgdata.unfinished");
    Folders.delete(unfinished);
    control.create(unfinished, USER, folder.resolve(PASSWORD));
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String password(Path folder) throws IOException {
    var file = folder.resolve(PASSWORD);
    if (!Files.exists(file)) {
      var random = new byte[24];
      new SecureRandom().nextBytes(random);
      var unfinished = file.resolveSibling("password.unfinished");
      Files.deleteIfExists(unfinished);
      Files.createFile(unfinished);
      if (unfinished.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
      }
      Files.writeString(unfinished, HexFormat.of().formatHex(random));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String configuration(int port, PostgresServer.Embedded settings) {
    var text =
        new StringBuilder(
            "# Written at every start; to change it, set turboprop.store.embedded.parameters\n");
    PostgresParameters.of(port, settings.parameters())
        .forEach((name, value) ->
            text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return text.toString();
  }
}
