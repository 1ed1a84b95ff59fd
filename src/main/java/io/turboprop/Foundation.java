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
 * The components that all other components use: the stores and the process itself.
 *
 * @param blocking runs calls that block
 */
record Foundation(
    Database database,
    BlobStorage storage,
    ExecutionPlans plans,
    Meters meters,
    Executor blocking,
    Clock clock) {
  /** Plans that no execution in memory uses have at most this part of the heap. */
  private static final int PLANS_HEAP_PART = 8;

  /** The plans in a database; the last used plans stay in memory. */
  static ExecutionPlans plansIn(Database database) {
    var compiled =
        new CompiledPlans(
            new PlanTables(database)::find, Runtime.getRuntime().maxMemory() / PLANS_HEAP_PART);
    return new ExecutionPlans(
        compiled,
        new PlanNodes(
            new DynamicPlanTables(database)::find, digest -> compiled.get(digest).plan()));
  }
}
