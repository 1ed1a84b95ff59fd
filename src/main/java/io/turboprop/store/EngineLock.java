package io.turboprop.store;

import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a database (more exactly, a schema of it) to one engine, while engines form no cluster.
 *
 * <p>It is an advisory lock of PostgreSQL that a session of its own holds. PostgreSQL releases the
 * lock when the session ends: at once when the engine's process ends, however it ends, and after
 * about ten seconds when its machine is gone. A thread asks the session at an interval whether it
 * lives; after an outage a new session takes the lock again. If another engine has taken the lock
 * meanwhile, {@link #lost} says so. The lock only spares users two engines that give way to each
 * other: what is written stays right without it, since the journal's primary key is the fence.
 */
final class EngineLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLock.class);
  private static final long TRY_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int HOST_LENGTH_MAX = 30;
  private static final int ANSWER_SECONDS_MAX = 5;
  private static final int TOKEN_BYTES = 3;

  /** The name of the session, which others read: host, process, and a token of this engine. */
  private static final String APPLICATION = "turboprop-engine ";

  /** Has the server notice within some seconds that the machine of this session is gone. */
  private static final String OPTIONS =
      "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
          + " -c statement_timeout=0 -c idle_session_timeout=0";

  /** Of all advisory locks, the engines'. */
  private static final int CLASS = 0x7475_7262;

  private static final String TAKE =
      "select pg_try_advisory_lock(%d, hashtext(current_schema()))".formatted(CLASS);

  private static final String HOLDER =
      """
      select holder.pid, holder.application_name, holder.backend_start
      from pg_locks join pg_stat_activity as holder using (pid)
      where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = %d and objid::bigint = hashtext(current_schema())::bigint & 4294967295
      """
          .formatted(CLASS);

  private final PostgresServer.External address;
  private final StoreSettings.SingleEngine settings;
  private final String name;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private final Thread thread;
  private @Nullable Connection session;

  /** The session that holds the lock. */
  private record Holder(int pid, String name, Instant since) {
    private static final Holder GONE = new Holder(0, "", Instant.EPOCH);

    /** As "process 17 on host a". */
    String text() {
      var parts = name.split(" ");
      return name.startsWith(APPLICATION) && parts.length > 2
          ? "process %s on %s".formatted(parts[2], parts[1])
          : "session %d of the database (%s)".formatted(pid, name);
    }
  }

  private EngineLock(PostgresServer.External address, StoreSettings.SingleEngine settings) {
    this.address = address;
    this.settings = settings;
    this.name = name();
    this.thread = Thread.ofVirtual().name("engine-lock").unstarted(this::watch);
  }

  /**
   * Takes the lock, for which it waits a little: an engine may be about to end.
   *
   * @throws StoreException when another engine holds the lock; the message says which
   */
  static EngineLock acquire(PostgresServer.External address, StoreSettings.SingleEngine settings) {
    var lock = new EngineLock(address, settings);
    try {
      var end = System.nanoTime() + settings.startWait().toNanos();
      for (var holder = lock.take(); holder.isPresent(); holder = lock.take()) {
        if (System.nanoTime() - end > 0) {
          throw lock.refusal(holder.orElseThrow());
        }
        LockSupport.parkNanos(TRY_AGAIN_NANOS);
      }
    } catch (SQLException e) {
      lock.endSession();
      throw DatabaseFailures.of(e);
    } catch (StoreException e) {
      lock.endSession();
      throw e;
    }
    lock.thread.start();
    return lock;
  }

  /** Fails with a message for users when another engine holds the lock; else never completes. */
  CompletionStage<Void> lost() {
    return lost.minimalCompletionStage();
  }

  private StoreException refusal(Holder holder) {
    return new StoreException(
        ("%s is in use by another engine: %s, since %s. Stop that engine, or give this one another"
                + " database (turboprop.store.external.url); several engines on one database are not"
                + " supported yet")
            .formatted(address.url(), holder.text(), holder.since()));
  }

  /** Empty when the lock is ours; else the session that holds it. */
  private Optional<Holder> take() throws SQLException {
    var connection = session();
    try (var statement = connection.createStatement()) {
      try (var taken = statement.executeQuery(TAKE)) {
        taken.next();
        if (taken.getBoolean(1)) {
          return Optional.empty();
        }
      }
      try (var holders = statement.executeQuery(HOLDER)) {
        var holder =
            holders.next()
                ? new Holder(
                    holders.getInt(1),
                    holders.getString(2),
                    holders.getObject(3, OffsetDateTime.class).toInstant())
                : Holder.GONE;
        if (holder.name().equals(name)) {
          // The session before the outage: the server has not noticed yet that it is gone.
          statement.execute("select pg_terminate_backend(" + holder.pid() + ")");
        }
        return Optional.of(holder);
      }
    }
  }

  private Connection session() throws SQLException {
    if (session == null) {
      var properties = new Properties();
      PGProperty.USER.set(properties, address.user());
      PGProperty.PASSWORD.set(properties, address.password());
      PGProperty.APPLICATION_NAME.set(properties, name);
      PGProperty.OPTIONS.set(properties, OPTIONS);
      PGProperty.CONNECT_TIMEOUT.set(properties, ANSWER_SECONDS_MAX);
      PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS_MAX);
      PGProperty.TCP_KEEP_ALIVE.set(properties, true);
      session = DriverManager.getConnection(address.url(), properties);
    }
    return session;
  }

  private void watch() {
    var isHeld = true;
    try {
      while (!closing.await(settings.interval().toMillis(), TimeUnit.MILLISECONDS)) {
        isHeld = isHeld ? isAlive() : isTakenAgain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreException e) {
      lost.completeExceptionally(e);
    } finally {
      endSession();
    }
  }

  /** Whether the session that holds the lock still answers. */
  private boolean isAlive() {
    try (var statement = session().createStatement()) {
      statement.execute("select 1");
      return true;
    } catch (SQLException e) {
      LOG.warn("the session that holds the lock on the database has ended: {}", e.getMessage());
      endSession();
      return isTakenAgain();
    }
  }

  /**
   * Takes the lock with a new session; false while the database is away.
   *
   * @throws StoreException when another engine has the lock
   */
  private boolean isTakenAgain() {
    try {
      var holder = take();
      if (holder.isEmpty()) {
        LOG.info("the lock on the database is held again");
        return true;
      }
      var other = holder.orElseThrow();
      if (!other.name().equals(name) && other != Holder.GONE) {
        throw refusal(other);
      }
      return false;
    } catch (SQLException e) {
      LOG.debug("the database is away", e);
      endSession();
      return false;
    }
  }

  private void endSession() {
    if (session != null) {
      try {
        session.close();
      } catch (SQLException e) {
        LOG.debug("a session could not be closed, and is gone", e);
      }
      session = null;
    }
  }

  private static String name() {
    var token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    return APPLICATION
        + String.join(
            " ",
            host(),
            Long.toString(ProcessHandle.current().pid()),
            HexFormat.of().formatHex(token));
  }

  private static String host() {
    try {
      var host = InetAddress.getLocalHost().getHostName().replace(' ', '-');
      return host.substring(0, Math.min(host.length(), HOST_LENGTH_MAX));
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** Releases the lock. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
