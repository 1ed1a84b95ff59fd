/**
 * The journal of executions: Pekko Persistence's store of steps and snapshots, and their codecs.
 *
 * <p>Way in: {@link io.turboprop.journal.JournalConnections}, which the actor system is started
 * with, and {@link io.turboprop.journal.JournalTables} for readers. Way out: rows of PostgreSQL.
 *
 * <p>It knows the events and states of {@code workflow} and the database of {@code store}; it
 * decides nothing, and knows no client.
 */
@NullMarked
package io.turboprop.journal;

import org.jspecify.annotations.NullMarked;
