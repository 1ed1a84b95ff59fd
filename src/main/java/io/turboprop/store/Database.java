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
  /** Checks or migrates the tables before their first use. */
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

  /** jOOQ over a pool; failures are exceptions of {@link DatabaseFailures}. */
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

  /**
   * The pool's connections for jOOQ. If the pool gives no connection in time, this counts as an
   * outage.
   */
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

  /**
   * The use of the database: by an engine, which has a session of its own, or by a tool beside an
   * engine ({@code engine} is empty).
   */
  private record Use(Optional<Sharing> engine, StoreSettings.Session session, Tables tables) {
    static Use beside(StoreSettings settings) {
      return new Use(Optional.empty(), settings.session(), Migrations::check);
    }

    Optional<EngineSession> begin(PostgresServer.External address) {
      return engine.map(sharing -> EngineSession.begin(address, session, sharing));
    }
  }

  /**
   * Opens the database for an engine: starts the embedded server if the settings say so; makes sure
   * that no other engine, or only nodes of the same cluster, use the database; connects; checks
   * that the server keeps what it acknowledges; and migrates the tables.
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
   * Opens the database for a tool that runs beside an engine or without one. If an engine runs the
   * embedded server on the folder, connects to that server; otherwise starts the server, but only
   * if the folder has the data of an engine. Does not migrate the tables.
   *
   * @throws StoreException when that fails, when the tables are those of another version, or when
   *     the folder has no data; then nothing was created
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
    // Loading jOOQ takes half a second; the server starts at the same time.
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
      throw new StoreException("can't read the version of the tables of " + address.url(), e);
    }
  }

  /** The address and the credentials of the server. */
  public PostgresServer.External address() {
    return address;
  }

  /** A further pool of connections to the same database; to be closed by the caller. */
  public HikariDataSource pool(String name, int connectionsMax) {
    return opened(ownPool(name, connectionsMax), address);
  }

  /**
   * A further pool, for a few statements that have one good plan each for all values. PostgreSQL
   * plans them once per connection. By default it would plan such a statement again for each array
   * of one element, because it estimates that plan as cheaper than the general one; the planning
   * would take longer than the execution.
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

  /**
   * The connections of the pool. A call fails if it gets no connection in time, or if too many
   * calls wait already.
   */
  public DataSource dataSource() {
    return connections;
  }

  /** The state of the pool at this moment. */
  public PoolState poolState() {
    var state = pool.getHikariPoolMXBean();
    return new PoolState(
        state.getTotalConnections(),
        state.getActiveConnections(),
        state.getThreadsAwaitingConnection());
  }

  /**
   * Fails when other engines have taken over the database after an outage; this engine then has to
   * stop, and the message is for users. Never completes otherwise.
   */
  public CompletionStage<Void> lost() {
    return session.map(EngineSession::lost).orElseGet(CompletableFuture::new);
  }

  /** The session in the database that shows other engines that this engine is alive. */
  EngineSession session() {
    return session.orElseThrow(
        () -> new IllegalStateException("no engine has opened the database"));
  }

  /**
   * jOOQ for statements that are a transaction each; failures are exceptions of {@link
   * DatabaseFailures}.
   */
  public DSLContext sql() {
    return sql;
  }

  /** Limits how many large values are read at once. */
  LargeReads largeReads() {
    return largeReads;
  }

  /**
   * Runs statements in one transaction: commits when {@code work} returns, rolls back when it
   * throws. Failures are exceptions of {@link DatabaseFailures}.
   */
  public <T> T transaction(Function<DSLContext, T> work) {
    try {
      return sql.transactionResult(transaction -> work.apply(transaction.dsl()));
    } catch (DataAccessException e) {
      throw DatabaseFailures.of(e);
    }
  }

  /**
   * The clock of an engine on this database: the machine's clock, or the database's if the two
   * differ. It never goes back.
   */
  public Clock clock(Clock machine) {
    return new SteadyClock(session().clock().over(machine), System::nanoTime);
  }

  /** Sends an empty query; fails when the server does not answer. */
  public void ask() {
    sql.selectOne().fetch();
  }

  /**
   * Closes the pool, ends the session so that other engines may begin, and stops the server if this
   * engine has started it.
   */
  @Override
  public void close() {
    pool.close();
    session.ifPresent(EngineSession::close);
    server.ifPresent(EmbeddedPostgresServer::close);
  }
}
