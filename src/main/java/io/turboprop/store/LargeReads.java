package io.turboprop.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.TableField;
import org.jooq.impl.DSL;

/**
 * Reads large rows and pages a few at a time. Many at once would fill the heap, and the garbage
 * collector would delay all other calls.
 *
 * <p>A caller does not hold a connection while it waits for its turn.
 */
public final class LargeReads {
  /**
   * The account of the current call: it gets the bytes before they are read, and may throw to
   * refuse them. Reads of the engine itself have none.
   */
  public static final ScopedValue<LongConsumer> ACCOUNT = ScopedValue.newInstance();

  /** Values up to this size, in all, are read without a turn. */
  static final long SMALL_BYTES_MAX = 256 * 1024;

  private static final int CORES_PER_TURN = 2;

  private final Semaphore turns =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_TURN), true);

  /**
   * One row, or none.
   *
   * @param large the column that may be large
   */
  <R extends Record> Optional<Record> row(
      DSLContext sql, Table<R> table, TableField<R, byte[]> large, Condition condition) {
    var size = DSL.field("octet_length({0})", Long.class, large);
    var small = DSL.when(size.le(SMALL_BYTES_MAX), large).as(large.getName());
    var fields = new ArrayList<Field<?>>(List.of(table.fields()));
    fields.set(fields.indexOf(large), small);
    fields.add(size);
    var found = sql.select(fields).from(table).where(condition).fetchOptional();
    return found.isEmpty() || found.get().get(size) <= SMALL_BYTES_MAX
        ? found.map(Function.identity())
        : read(
            found.get().get(size),
            () -> sql.selectFrom(table).where(condition).fetchOptional().map(Function.identity()));
  }

  /**
   * Charges the bytes to the current call's account, waits for a turn, and reads.
   *
   * @throws RuntimeException that of the account, when it refuses the bytes
   */
  <T> T read(long bytes, Supplier<T> read) {
    if (ACCOUNT.isBound()) {
      ACCOUNT.get().accept(bytes);
    }
    turns.acquireUninterruptibly();
    try {
      return read.get();
    } finally {
      turns.release();
    }
  }
}
