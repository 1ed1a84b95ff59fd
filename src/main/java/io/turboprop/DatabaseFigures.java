package io.turboprop;

import io.turboprop.journal.JournalConnections;
import io.turboprop.metric.Meters;
import io.turboprop.store.Database;

/** Meters of the ways to the database: the pool of the tables, and the queue of the journal. */
final class DatabaseFigures {
  private DatabaseFigures() {}

  static void show(Database database, JournalConnections journal, Meters meters) {
    meters.gauge(
        "turboprop.database.connections",
        "open connections to the tables",
        () -> database.poolState().open());
    meters.gauge(
        "turboprop.database.connections.busy",
        "connections to the tables that a call uses",
        () -> database.poolState().busy());
    meters.gauge(
        "turboprop.database.waiting",
        "calls that wait for a connection to the tables",
        () -> database.poolState().waiting());
    meters.gauge(
        "turboprop.journal.waiting.steps",
        "steps that wait to be written to the journal",
        journal::waitingSteps);
  }
}
