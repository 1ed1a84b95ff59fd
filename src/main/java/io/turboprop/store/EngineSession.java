package io.turboprop.store;

import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of the database. It shows other engines that this engine is alive, and reserves the
 * database (more exactly, one schema) for one engine or for the nodes of one cluster.
 *
 * <p>The session holds advisory locks of PostgreSQL: one on the database, which a standalone engine
 * holds alone and the nodes of a cluster share; and one for the node itself, see {@link #lockNode}.
 * PostgreSQL releases the locks when the session ends: at once when the engine's process ends for
 * any reason, and after about ten seconds when its machine is lost. A thread updates the node's
 * {@code seen_at} over this session at an interval; after an outage, a new session takes the locks
 * again. If other engines have taken the database in the meantime, {@link #lost} fails. The locks
 * only prevent two engines from taking executions from each other again and again. Without the
 * locks, the stored data would still be correct, because the journal's primary key is the fence.
 */
final class EngineSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineSession.class);
  private static final long TRY_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int HOST_LENGTH_MAX = 30;
  private static final int ANSWER_SECONDS_MAX = 5;
  private static final int TOKEN_BYTES = 3;

  /**
   * The prefix of the session's name, which other engines read; host, process and a token of this
   * engine follow.
   */
  private static final String APPLICATION = "turboprop-engine ";

  /** Makes the server notice within some seconds that the machine of this session is lost. */
  private static final String OPTIONS =
      "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
          + " -c statement_timeout=0 -c idle_session_timeout=0";

  /** The class of the advisory locks that engines take on the database. */
  private static final int CLASS = 0x7475_7262;

  private static final String END_EARLIER_SESSIONS =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = current_setting('application_name') and pid <> pg_backend_pid()
      """;

  private static final String HOLDERS =
      """
      select holder.pid, holder.application_name, holder.backend_start, mode = 'ShareLock'
      from pg_locks join pg_stat_activity as holder using (pid)
      where locktype = 'advisory' and objsubid = 2 and granted and pid <> pg_backend_pid()
        and database = (select oid from pg_database where datname = current_database())
        and classid = %d and objid::bigint = hashtext(current_schema())::bigint & 4294967295
      order by holder.backend_start
      """
          .formatted(CLASS);

  /** The class of the advisory locks that one node of a cluster takes. */
  private static final int CLASS_OF_ONE = CLASS + 1;

  /**
   * Takes the lock only if this session does not hold it: PostgreSQL would count a second call, and
   * the session would have to release the lock twice.
   */
  private static final String HOLD_ONE =
      """
      select case when exists (
        select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
          and pid = pg_backend_pid() and classid = %1$d
          and database = (select oid from pg_database where datname = current_database())
          and objid::bigint = hashtext(current_schema() || ' %2$s')::bigint & 4294967295)
      then true else pg_try_advisory_lock(%1$d, hashtext(current_schema() || ' %2$s')) end
      """;

  private static final String RELEASE_ONE =
      "select pg_advisory_unlock(%d, hashtext(current_schema() || ' %s'))";

  private static final String HOLD_NODE = "select pg_try_advisory_lock(cluster_node_lock(%d))";

  private static final String BEAT =
      "update cluster_node set seen_at = clock_timestamp() where id = %d returning seen_at";

  private static final String LEAVE = "update cluster_node set joined = false where id = %d";

  /**
   * Whether the cluster is still the one that the node has entered. This is a separate statement: a
   * statement that had waited for a lock on the row would see the two tables at different times.
   */
  private static final String IS_OURS =
      """
      select not joined or cluster.incarnation = cluster_node.incarnation
      from cluster_node, cluster where cluster_node.id = %d
      """;

  private final PostgresServer.External address;
  private final StoreSettings.Session settings;
  private final String take;
  private final boolean isShared;
  private final String name;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final DatabaseClock clock = new DatabaseClock();
  private final CompletableFuture<Void> lost = new CompletableFuture<>();
  private final Thread thread;
  private @Nullable Connection session;
  private OptionalInt node = OptionalInt.empty();
  private long begunNanos;

  /** A session of another engine that holds the lock on the database. */
  private record Holder(int pid, String name, Instant since, boolean isShared) {

    /** The holder for messages: "process 17 on host a, since 2026-01-01T00:00:00Z". */
    String text() {
      var parts = name.split(" ");
      var who =
          name.startsWith(APPLICATION) && parts.length > 2
              ? "process %s on %s".formatted(parts[2], parts[1])
              : "session %d of the database (%s)".formatted(pid, name);
      return "%s, since %s".formatted(who, since);
    }
  }

  private EngineSession(
      PostgresServer.External address, StoreSettings.Session settings, Sharing sharing) {
    this.address = address;
    this.settings = settings;
    this.isShared = sharing == Sharing.CLUSTER;
    this.take =
        "select pg_try_advisory_lock%s(%d, hashtext(current_schema()))"
            .formatted(isShared ? "_shared" : "", CLASS);
    this.name = name();
    this.thread = Thread.ofVirtual().name("engine-session").unstarted(this::watch);
  }

  /**
   * Begins a session that holds the lock on the database. It waits a little for an engine that is
   * about to end.
   *
   * @throws StoreException when other engines hold the lock; the message names them
   */
  static EngineSession begin(
      PostgresServer.External address, StoreSettings.Session settings, Sharing sharing) {
    var begun = new EngineSession(address, settings, sharing);
    try {
      var end = System.nanoTime() + settings.startWait().toNanos();
      while (!begun.isTaken()) {
        if (System.nanoTime() - end > 0) {
          throw begun.refusal(begun.holders());
        }
        LockSupport.parkNanos(TRY_AGAIN_NANOS);
      }
    } catch (SQLException e) {
      begun.endSession();
      throw new StoreException("can't connect to " + address + ": " + e.getMessage(), e);
    } catch (StoreException e) {
      begun.endSession();
      throw e;
    }
    begun.thread.start();
    return begun;
  }

  /** Fails with a message for users when this engine has to stop; else never completes. */
  CompletionStage<Void> lost() {
    return lost.minimalCompletionStage();
  }

  /**
   * Takes the lock by which other nodes see that this node is alive.
   *
   * @param nodeId the id of its row in {@code cluster_node}, which may not be committed yet
   */
  synchronized void lockNode(int nodeId) {
    try {
      if (!isTrue(HOLD_NODE.formatted(nodeId))) {
        throw new StoreException("another process is node %d of the cluster".formatted(nodeId));
      }
    } catch (SQLException e) {
      throw DatabaseFailures.of(e);
    }
  }

  /**
   * Whether this session holds a lock that one session at a time can hold; takes it if no session
   * does. While the database is away, no session holds the lock.
   *
   * @param name the name of the lock; letters and hyphens
   */
  synchronized boolean tryHold(String name) {
    try {
      return session != null && isTrue(HOLD_ONE.formatted(CLASS_OF_ONE, name));
    } catch (SQLException e) {
      LOG.debug("the lock {} can't be asked for", name, e);
      return false;
    }
  }

  /** Releases a lock of {@link #tryHold}, if this session holds it. */
  synchronized void release(String name) {
    try {
      if (session != null) {
        var _ = isTrue(RELEASE_ONE.formatted(CLASS_OF_ONE, name));
      }
    } catch (SQLException e) {
      LOG.debug("the lock {} goes with its session", name, e);
    }
  }

  /** Updates the {@code seen_at} of the node, whose lock this session holds, from now on. */
  synchronized void startHeartbeat(int nodeId) {
    node = OptionalInt.of(nodeId);
    try {
      beat();
    } catch (SQLException e) {
      throw DatabaseFailures.of(e);
    }
  }

  /** The clock of the database, from the readings of this session. */
  DatabaseClock clock() {
    return clock;
  }

  /** Whether the session has not been interrupted for a while. */
  synchronized boolean isHeldFor(Duration duration) {
    return session != null && System.nanoTime() - begunNanos >= duration.toNanos();
  }

  private StoreException refusal(List<Holder> holders) {
    var others = holders.stream().map(Holder::text).collect(Collectors.joining("; "));
    var advice =
        isShared || holders.stream().anyMatch(Holder::isShared)
            ? "a standalone engine does not share a database with nodes of a cluster: all nodes of one"
                + " need turboprop.cluster.seeds or turboprop.cluster.discovery"
            : "several engines share a database only as a cluster (turboprop.cluster.seeds)";
    return new StoreException(
        ("%s is in use by another engine: %s. Stop that engine, or give this one another database"
                + " (turboprop.store.external.url); %s")
            .formatted(address.url(), others.isEmpty() ? "it has just stopped" : others, advice));
  }

  private boolean isTaken() throws SQLException {
    return isTrue(take);
  }

  private boolean isTrue(String query) throws SQLException {
    try (var statement = session().createStatement();
        var answer = statement.executeQuery(query)) {
      return answer.next() && answer.getBoolean(1);
    }
  }

  private List<Holder> holders() throws SQLException {
    var found = new ArrayList<Holder>();
    try (var statement = session().createStatement();
        var holders = statement.executeQuery(HOLDERS)) {
      while (holders.next()) {
        found.add(
            new Holder(
                holders.getInt(1),
                holders.getString(2),
                holders.getObject(3, OffsetDateTime.class).toInstant(),
                holders.getBoolean(4)));
      }
    }
    return found;
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
      begunNanos = System.nanoTime();
    }
    return session;
  }

  private void watch() {
    var isHeld = true;
    try {
      while (!closing.await(settings.interval().toMillis(), TimeUnit.MILLISECONDS)) {
        isHeld = next(isHeld);
      }
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      lost.completeExceptionally(e);
    } finally {
      endSession();
    }
  }

  /** Records that the node has left for good, so that no other node waits for its session. */
  private synchronized void leave() {
    if (node.isPresent() && session != null) {
      try (var statement = session.createStatement()) {
        statement.execute(LEAVE.formatted(node.getAsInt()));
      } catch (SQLException e) {
        LOG.debug("the departure of the node could not be recorded", e);
      }
    }
  }

  private synchronized boolean next(boolean isHeld) {
    return isHeld ? isAlive() : isTakenAgain();
  }

  /** Whether the session that holds the locks still answers. */
  private boolean isAlive() {
    try {
      beat();
      return true;
    } catch (SQLException e) {
      LOG.warn("the session that holds the lock on the database has ended: {}", e.getMessage());
      endSession();
      return isTakenAgain();
    }
  }

  /**
   * Sets {@code seen_at} to now.
   *
   * @throws StoreException when another cluster uses the database now
   */
  private void beat() throws SQLException {
    if (node.isEmpty()) {
      isTrue("select true");
      return;
    }
    var id = node.getAsInt();
    var before = Instant.now();
    try (var statement = session().createStatement();
        var seen = statement.executeQuery(BEAT.formatted(id))) {
      if (seen.next()) {
        clock.observe(before, seen.getObject(1, OffsetDateTime.class).toInstant(), Instant.now());
      }
    }
    if (!isTrue(IS_OURS.formatted(id))) {
      throw new StoreException(
          ("%s is in use by another cluster, which was formed while this node could not reach the"
                  + " database. Start this node again, so that it joins that one")
              .formatted(address.url()));
    }
  }

  /**
   * Takes the locks with a new session; false while the database is away.
   *
   * @throws StoreException when other engines use the database
   */
  private boolean isTakenAgain() {
    try {
      // The server may still have the session from before the outage.
      isTrue(END_EARLIER_SESSIONS);
      if (!isTaken()) {
        return isRefused();
      }
      if (node.isPresent() && !isTrue(HOLD_NODE.formatted(node.getAsInt()))) {
        return false;
      }
      beat();
      LOG.info("the lock on the database is held again");
      return true;
    } catch (SQLException e) {
      LOG.debug("the database is away", e);
      endSession();
      return false;
    }
  }

  private boolean isRefused() throws SQLException {
    var others = holders();
    others.removeIf(holder -> holder.name().equals(name));
    if (others.isEmpty()) {
      return false;
    }
    throw refusal(others);
  }

  private synchronized void endSession() {
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

  /** Releases the locks. */
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
