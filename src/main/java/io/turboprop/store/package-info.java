/**
 * PostgreSQL: the embedded server, the pool, migrations, the journal's codec and every table.
 *
 * <p>Way in: {@link io.turboprop.store.Database} and one class per group of tables. Way out:
 * records of plain values and bytes. All SQL is here; it knows {@code workflow} and {@code data}
 * for the codec, nothing of flyteidl's services or plugins, and of Pekko only what its journal asks
 * for: its configuration, its serializer. Calls block: callers are on virtual threads.
 */
@NullMarked
package io.turboprop.store;

import org.jspecify.annotations.NullMarked;
