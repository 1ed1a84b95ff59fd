package io.turboprop.store;

/**
 * A lock of the database that one engine at a time holds, by its session. PostgreSQL releases it
 * when that session ends: at once when the engine's process ends, and after about ten seconds when
 * its machine is gone. It avoids double work. The work must stay right if two engines do it
 * nevertheless.
 */
public final class EngineLock {
  private final Database database;
  private final String name;

  /**
   * @param name the same in all engines
   */
  public EngineLock(Database database, String name) {
    this.database = database;
    this.name = name;
  }

  /**
   * Whether this engine holds the lock now; takes it if no engine does. While the database is away,
   * no session holds it.
   */
  public boolean tryHold() {
    return database.session().tryHold(name);
  }

  /** Leaves the lock to others; does nothing if this engine does not hold it. */
  public void release() {
    database.session().release(name);
  }
}
