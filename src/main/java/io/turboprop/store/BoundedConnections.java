package io.turboprop.store;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * A pool in front of which only so many calls may wait for a connection; further calls are refused
 * at once, as in an outage. The pool itself bounds how many calls are served at once, and how long
 * a call waits. Without this bound every call of a virtual thread would wait, and with it all that
 * the call holds in memory.
 *
 * @param waitingMax how many calls may wait at once
 */
record BoundedConnections(DataSource pool, int waitingMax, AtomicInteger waiting)
    implements DataSource {

  BoundedConnections(DataSource pool, int waitingMax) {
    this(pool, waitingMax, new AtomicInteger());
  }

  /**
   * @throws SQLTransientConnectionException when too many calls wait, or this one has waited too
   *     long
   */
  @Override
  public Connection getConnection() throws SQLException {
    if (waiting.incrementAndGet() > waitingMax) {
      waiting.decrementAndGet();
      throw new SQLTransientConnectionException(
          "%d calls wait for the database already (turboprop.store.pool.waiting-max)"
              .formatted(waitingMax));
    }
    try {
      return pool.getConnection();
    } finally {
      waiting.decrementAndGet();
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the pool has one user");
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return pool.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter writer) throws SQLException {
    pool.setLogWriter(writer);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    pool.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return pool.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return pool.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return pool.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return pool.isWrapperFor(type);
  }
}
