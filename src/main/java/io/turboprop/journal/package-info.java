/**
 * Stores the steps and snapshots of executions: the plugin of Pekko Persistence and the codecs.
 *
 * <p>Way in: {@link io.turboprop.journal.JournalConnections}, with which the actor system starts,
 * and {@link io.turboprop.journal.JournalTables} for readers. Way out: rows in PostgreSQL.
 *
 * <p>The package knows the events and states of {@code workflow} and the database of {@code store}.
 * It knows no rule and no client.
 */
@NullMarked
package io.turboprop.journal;

import org.jspecify.annotations.NullMarked;
