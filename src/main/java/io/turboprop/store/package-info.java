/**
 * The tables: the connection pool, the migrations, and one class per group of tables.
 *
 * <p>Way in: {@link io.turboprop.store.Database}. Way out: records of plain values and bytes. All
 * SQL but the journal's is here, in jOOQ's words with the classes that the build generates from the
 * migrations; {@link io.turboprop.store.ProgressTables} says what is text, and why. It knows {@code
 * data} and {@code postgres}, nothing of flyteidl, plugins or Pekko. Calls block: callers are on
 * virtual threads.
 */
@NullMarked
package io.turboprop.store;

import org.jspecify.annotations.NullMarked;
