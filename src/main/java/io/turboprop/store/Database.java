package io.turboprop.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.turboprop.postgres.EmbeddedPostgresServer;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.jooq.ExecuteListener;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.impl.DataSourceConnectionProvider;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultExecuteListenerProvider;

/** The one database: a pool of connections, and jOOQ over it. Calls block. */
public final class Database implements AutoCloseable {
  /** What is done about the tables before they are used. */
  @FunctionalInterface
  private interface Tables {
    void prepare(DataSource database, PostgresServer.External address) throws SQLException;
  }

  /**
   * @param open how many connections are open
   * @param busy how many of them a call uses
   * @param waiting how many calls wait for a connection
   */
  public record PoolState(int open, int busy, int waiting) {}

  private final PostgresServer.External address;
  private final StoreSettings.Pool settings;
  private final HikariDataSource pool;
  private final DSLContext sql;
  private final DataSource connections;
  private final Optional<EmbeddedPostgresServer> server;
  private final Optional<EngineSession> session;
  private final LargeReads largeReads = new LargeReads();

  private Database(
      PostgresServer.External address,
      StoreSettings.Pool settings,
      Optional<EmbeddedPostgresServer> server,
      Optional<EngineSession> session) {
    this.address = address;
    this.settings = settings;
    this.pool = opened(config(address, settings, "tables", 2), address);
    this.connections = new BoundedConnections(pool, settings.waitingMax());
    this.sql = sql(connections);
    this.server = server;
    this.session = session;
  }

  /** jOOQ over a pool, whose failures are those of {@link DatabaseFailures}. */
  static DSLContext sql(DataSource pool) {
    return DSL.using(
        new DefaultConfiguration()
            .set(SQLDialect.POSTGRES)
            .set(new Settings().withExecuteLogging(false))
            .set(new Connections(pool))
            .set(
                new DefaultExecuteListenerProvider(
                    ExecuteListener.onException(execution -> {
                      if (execution.sqlException() instanceof SQLException failure) {
                        execution.exception(DatabaseFailures.of(failure));
                      }
                    }))));
  }

  /** The pool's connections for jOOQ; that there is none in time is an outage. */
  private static final class Connections extends DataSourceConnectionProvider {
    Connections(DataSource pool) {
      super(pool);
    }

    @Override
    public Connection acquire() {
      try {
        return dataSource().getConnection();
      } catch (SQLException e) {
        throw DatabaseFailures.of(e);
      }
    }
  }

  /** How the database is used: as an engine, which has a session of its own, or beside one. */
  private record Use(Optional<Sharing> engine, StoreSettings.Session session, Tables tables) {
    static Use beside(StoreSettings settings) {
      return new Use(Optional.empty(), settings.session(), Migrations::check);
    }

    Optional<EngineSession> begin(PostgresServer.External address) {
      return engine.map(sharing -> EngineSession.begin(address, session, sharing));
    }
  }

  /**
   * Starts the embedded server, if it is ours to start, makes sure that no other engine uses the
   * database, or that only nodes of a cluster do, connects, checks that the server keeps what it
   * acknowledges, and brings the tables up to date.
   *
   * @throws StoreException when one of these fails
   */
  public static Database open(StoreSettings settings, Sharing sharing) {
    if (sharing == Sharing.CLUSTER && settings.server() instanceof PostgresServer.Embedded) {
      throw new StoreException(
          "the embedded PostgreSQL serves one engine, and this one is a node of a cluster: start a"
              + " PostgreSQL for all nodes and set turboprop.store.server = external and"
              + " turboprop.store.external.url, or take turboprop.cluster.seeds away");
    }
    return open(settings, new Use(Optional.of(sharing), settings.session(), Migrations::apply));
  }

  /**
   * As {@link #open(StoreSettings, Sharing)}, for a standalone engine.
   *
   * @throws StoreException when that fails
   */
  public static Database open(StoreSettings settings) {
    return open(settings, Sharing.STANDALONE);
  }

  /**
   * Connects to be used beside an engine: to the server that one runs on the folder, if one does;
   * else it starts that server, but only where an engine has kept data. The tables are left as they
   * are.
   *
   * @throws StoreException when that fails, or the tables are those of another version; where there
   *     are no data, nothing has been made then
   */
  public static Database attach(StoreSettings settings) {
    if (settings.server() instanceof PostgresServer.Embedded embedded) {
      var running = EmbeddedPostgresServer.running(embedded);
      if (running.isPresent()) {
        return connect(
            running.orElseThrow(), settings.pool(), Use.beside(settings), Optional.empty());
      }
      if (!EmbeddedPostgresServer.hasData(embedded)) {
        throw new StoreException(
            ("there is no data of an engine in %s (turboprop.store.embedded.folder):"
                    + " name the folder that one has been started on, with --data")
                .formatted(embedded.folder()));
      }
    }
    return open(settings, Use.beside(settings));
  }

  private static Database open(StoreSettings settings, Use use) {
    // jOOQ takes half a second to be loaded; meanwhile the server starts.
    Thread.ofPlatform().daemon().name("load-jooq").start(Database::loadJooq);
    return switch (settings.server()) {
      case PostgresServer.Embedded embedded -> open(embedded, settings.pool(), use);
      case PostgresServer.External external ->
          connect(external, settings.pool(), use, Optional.empty());
    };
  }

  private static Database open(PostgresServer.Embedded embedded, StoreSettings.Pool pool, Use use) {
    var server = EmbeddedPostgresServer.start(embedded);
    try {
      return connect(server.address(), pool, use, Optional.of(server));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static Database connect(
      PostgresServer.External address,
      StoreSettings.Pool settings,
      Use use,
      Optional<EmbeddedPostgresServer> server) {
    var session = use.begin(address);
    try {
      return prepared(new Database(address, settings, server, session), use.tables());
    } catch (RuntimeException e) {
      session.ifPresent(EngineSession::close);
      throw e;
    }
  }

  private static Database prepared(Database database, Tables tables) {
    try {
      database.checkDurability();
      database.prepare(tables);
      return database;
    } catch (RuntimeException e) {
      database.pool.close();
      throw e;
    }
  }

  private static void loadJooq() {
    DSL.using(SQLDialect.POSTGRES).selectOne().getSQL();
  }

  private static HikariDataSource opened(HikariConfig config, PostgresServer.External address) {
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw new StoreException("can't connect to " + address + ": " + e.getMessage(), e);
    }
  }

  private static HikariConfig config(
      PostgresServer.External address, StoreSettings.Pool settings, String name, int idle) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(address.url());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setMaximumPoolSize(settings.connectionsMax());
    config.setMinimumIdle(Math.min(idle, settings.connectionsMax()));
    config.setConnectionTimeout(settings.timeout().toMillis());
    config.setInitializationFailTimeout(settings.timeout().toMillis());
    settings.driverProperties().forEach(config::addDataSourceProperty);
    config.addDataSourceProperty("ApplicationName", "turboprop-" + name);
    return config;
  }

  private void checkDurability() {
    // Plain JDBC, since jOOQ is still being loaded.
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      Durability.problem(show(statement, "fsync"), show(statement, "synchronous_commit"))
          .ifPresent(problem -> {
            throw new StoreException(address.url() + " " + problem);
          });
    } catch (SQLException e) {
      throw new StoreException("can't ask " + address.url() + " for its settings", e);
    }
  }

  private static String show(Statement statement, String parameter) throws SQLException {
    try (var result = statement.executeQuery("show " + parameter)) {
      result.next();
      return result.getString(1);
    }
  }

  private void prepare(Tables tables) {
    try {
      tables.prepare(pool, address);
    } catch (FlywayException e) {
      throw new StoreException("can't bring the tables of " + address.url() + " up to date", e);
    } catch (SQLException e) {
      throw new StoreException("can't tell the version of the tables of " + address.url(), e);
    }
  }

  /** The way to the server. */
  public PostgresServer.External address() {
    return address;
  }

  /** A further pool of connections to the same database; to be closed by the caller. */
  public HikariDataSource pool(String name, int connectionsMax) {
    return opened(ownPool(name, connectionsMax), address);
  }

  /**
   * A further pool, for a few statements that have one good plan each, whatever their values. They
   * are planned once for each connection. PostgreSQL would plan a statement again for each array of
   * one element, which it takes to be cheaper than the general case, and that takes longer than to
   * execute it.
   */
  public HikariDataSource poolOfFixedPlans(String name, int connectionsMax) {
    var config = ownPool(name, connectionsMax);
    config.setConnectionInitSql("set plan_cache_mode = force_generic_plan");
    return opened(config, address);
  }

  private HikariConfig ownPool(String name, int connectionsMax) {
    var own =
        new StoreSettings.Pool(
            connectionsMax, settings.timeout(), settings.answerTimeout(), settings.waitingMax());
    return config(address, own, name, 1);
  }

  /** Connections of the pool; a call that can't have one in time, or can't even wait, fails. */
  public DataSource dataSource() {
    return connections;
  }

  /** What the connections of the pool do at this moment. */
  public PoolState poolState() {
    var state = pool.getHikariPoolMXBean();
    return new PoolState(
        state.getTotalConnections(),
        state.getActiveConnections(),
        state.getThreadsAwaitingConnection());
  }

  /**
   * Fails, with a message for users, when other engines have taken the database over after an
   * outage; else never completes. This engine has to stop then.
   */
  public CompletionStage<Void> lost() {
    return session.map(EngineSession::lost).orElseGet(CompletableFuture::new);
  }

  /** The session by which this engine shows that it lives. */
  EngineSession session() {
    return session.orElseThrow(
        () -> new IllegalStateException("no engine has opened the database"));
  }

  /** For statements that are a transaction each; failures are those of {@link DatabaseFailures}. */
  public DSLContext sql() {
    return sql;
  }

  /** The turns in which large values are read. */
  LargeReads largeReads() {
    return largeReads;
  }

  /**
   * Runs statements that are one transaction: commits what the work has done, or takes all of it
   * back when the work throws. Failures are those of {@link DatabaseFailures}.
   */
  public <T> T transaction(Function<DSLContext, T> work) {
    try {
      return sql.transactionResult(transaction -> work.apply(transaction.dsl()));
    } catch (DataAccessException e) {
      throw DatabaseFailures.of(e);
    }
  }

  /**
   * The clock of an engine on this database: that of its machine, unless this differs from the
   * database's. It is never set back.
   */
  public Clock clock(Clock machine) {
    return new SteadyClock(session().clock().over(machine), System::nanoTime);
  }

  /** Asks the server for nothing; fails when it does not answer. */
  public void ask() {
    sql.selectOne().fetch();
  }

  /** Closes the pool, lets other engines in, then stops the server if it is ours. */
  @Override
  public void close() {
    pool.close();
    session.ifPresent(EngineSession::close);
    server.ifPresent(EmbeddedPostgresServer::close);
  }
}
