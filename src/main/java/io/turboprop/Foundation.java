package io.turboprop;

import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.event.PlanNodes;
import io.turboprop.metric.Meters;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.PlanTables;
import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What every other part of the engine stands on.
 *
 * @param valuesBytesMax the largest literal map that is read whole
 * @param blocking where calls that block are made
 */
record Foundation(
    Database database,
    DataStore store,
    Layout layout,
    CompiledPlans plans,
    PlanNodes planNodes,
    long valuesBytesMax,
    Meters meters,
    Executor blocking,
    Clock clock) {
  private static final long PLANS_BYTES_IN_MEMORY = 64 * 1024 * 1024;

  static Foundation of(
      Database database,
      DataStore store,
      DataSettings settings,
      Meters meters,
      Executor blocking,
      Clock clock) {
    var plans = new CompiledPlans(new PlanTables(database)::find, PLANS_BYTES_IN_MEMORY);
    return new Foundation(
        database,
        store,
        Layout.of(store.base()),
        plans,
        new PlanNodes(new DynamicPlanTables(database)::find, digest -> plans.get(digest).plan()),
        settings.readBytesMax(),
        meters,
        blocking,
        clock);
  }
}
