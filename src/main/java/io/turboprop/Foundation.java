package io.turboprop;

import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.BlobStorage;
import io.turboprop.event.PlanNodes;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.metric.Meters;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.PlanTables;
import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What every other part of the engine stands on: where things are stored, and the process itself.
 *
 * @param blocking where calls that block are made
 */
record Foundation(
    Database database,
    BlobStorage storage,
    ExecutionPlans plans,
    Meters meters,
    Executor blocking,
    Clock clock) {
  private static final long PLANS_BYTES_IN_MEMORY = 64 * 1024 * 1024;

  /** The plans that are stored in a database; those that were used last stay in memory. */
  static ExecutionPlans plansIn(Database database) {
    var compiled = new CompiledPlans(new PlanTables(database)::find, PLANS_BYTES_IN_MEMORY);
    return new ExecutionPlans(
        compiled,
        new PlanNodes(
            new DynamicPlanTables(database)::find, digest -> compiled.get(digest).plan()));
  }
}
