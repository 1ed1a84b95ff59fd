package io.turboprop.store;

import io.turboprop.store.OldExecutions.DueExecution;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;

/**
 * Locks on the names and folders of executions that {@link Retention} deletes. Executions of
 * different projects and domains may have the same name: then they share the prefix of raw data.
 * They may also have the same folder, as {@code a-b/c/d} and {@code a/b-c/d} do. While the locks
 * are held, no execution with this name or folder is accepted: {@link AcceptanceStatement} takes
 * the same locks, shared, until its row is committed. The retention first takes the locks and then
 * looks for sharers, so it sees every execution that may have written files.
 *
 * <p>The locks belong to a connection. When the connection breaks, the database frees them.
 */
final class DeletionLocks implements AutoCloseable {

  /**
   * An SQL condition over the columns {@code project}, {@code domain} and {@code name}: whether
   * this transaction may accept the execution. The transaction takes the locks without waiting, and
   * holds them until its end.
   */
  static final String MAY_ACCEPT =
      "pg_try_advisory_xact_lock_shared(%s) and pg_try_advisory_xact_lock_shared(%s)"
          .formatted(key("folder", "project || '-' || domain || '-' || name"), key("name", "name"));

  private static final String LOCK =
      """
      select number, folder_key, pg_try_advisory_lock(folder_key), name_key, pg_try_advisory_lock(name_key)
      from (
        select number, %s as folder_key, %s as name_key
        from execution where number = any (?)) as old
      """
          .formatted(key("folder", "project || '-' || domain || '-' || name"), key("name", "name"));

  private final DSLContext holder;
  private final Set<Long> covered = new HashSet<>();
  private final List<Long> keys = new ArrayList<>();

  private DeletionLocks(DSLContext holder) {
    this.holder = holder;
  }

  private static String key(String kind, String text) {
    return "hashtextextended('%s ' || %s, 0)".formatted(kind, text);
  }

  /**
   * Takes the locks of those executions for which no other execution is being accepted at this
   * moment.
   *
   * @param holder a connection that nothing else uses
   */
  static DeletionLocks take(DSLContext holder, Collection<DueExecution> executions) {
    var locks = new DeletionLocks(holder);
    var numbers = executions.stream().map(DueExecution::number).toArray(Long[]::new);
    for (var row : holder.fetch(LOCK, (Object) numbers)) {
      var hasFolder = row.get(2, Boolean.class);
      var hasName = row.get(4, Boolean.class);
      if (hasFolder) {
        locks.keys.add(row.get(1, Long.class));
      }
      if (hasName) {
        locks.keys.add(row.get(3, Long.class));
      }
      if (hasFolder && hasName) {
        locks.covered.add(row.get(0, Long.class));
      }
    }
    return locks;
  }

  /** Whether the locks of this execution were free. */
  boolean cover(DueExecution execution) {
    return covered.contains(execution.number());
  }

  /**
   * Makes sure that the locks are still held; several threads may call it.
   *
   * @throws DataAccessException when the connection is broken, and the locks may be free
   */
  synchronized void requireHeld() {
    holder.selectOne().execute();
  }

  @Override
  public synchronized void close() {
    holder.fetch(
        "select pg_advisory_unlock(key) from unnest(?) as key", (Object) keys.toArray(Long[]::new));
  }
}
