package io.turboprop;

import com.typesafe.config.Config;
import io.turboprop.catalog.CatalogSettings;
import io.turboprop.catalog.CatalogSweep;
import io.turboprop.catalog.MeteredCatalog;
import io.turboprop.catalog.StoredCatalog;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.OutageReportingDataStore;
import io.turboprop.execution.BegunExecutions;
import io.turboprop.execution.LaunchPlanInterfaces;
import io.turboprop.execution.PastExecutions;
import io.turboprop.execution.StoredDynamicPlans;
import io.turboprop.node.CatalogCaches;
import io.turboprop.node.ChildExecutions;
import io.turboprop.node.NodeHandlers;
import io.turboprop.node.NodeSettings;
import io.turboprop.node.Signals;
import io.turboprop.node.TaskPlugins;
import io.turboprop.setting.Section;
import io.turboprop.store.CatalogTables;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.SignalTables;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Builds the node handlers, and the cache and the tables that they use. */
final class NodeAssembly {
  private NodeAssembly() {}

  /**
   * @param config the section {@code turboprop}
   * @param children the executions that launch plan nodes start, if this engine creates them
   * @param flyteAdmin the parts that FlyteAdmin takes over from this engine, if one is configured
   */
  static NodeHandlers handlers(
      Foundation foundation,
      Config config,
      NodeSettings settings,
      TaskPlugins plugins,
      ChildExecutions children,
      Optional<FlyteAdminAssembly> flyteAdmin) {
    var storage = foundation.storage().through(OutageReportingDataStore::new);
    var launchPlans =
        new LaunchPlanInterfaces(
            new LaunchPlanTables(foundation.database()),
            id -> flyteAdmin.flatMap(admin -> admin.launchPlans().find(id)));
    return new NodeHandlers(
        new NodeHandlers.Environment(
            settings,
            storage,
            tasks(foundation, storage, config, plugins, flyteAdmin),
            executions(
                foundation,
                storage,
                settings,
                launchPlans,
                flyteAdmin.flatMap(FlyteAdminAssembly::children).orElse(children),
                flyteAdmin.map(FlyteAdminAssembly::signals).orElseGet(() -> signals(foundation))),
            foundation.blocking(),
            foundation.clock(),
            foundation.meters()));
  }

  private static NodeHandlers.Tasks tasks(
      Foundation foundation,
      BlobStorage storage,
      Config config,
      TaskPlugins plugins,
      Optional<FlyteAdminAssembly> flyteAdmin) {
    return new NodeHandlers.Tasks(
        plugins,
        (digest, task) -> foundation.plans().get(digest).tasks().get(task),
        caches(
            foundation, storage, CatalogSettings.from(Section.of(config, "catalog")), flyteAdmin),
        LiteralOffloading.from(config.getConfig("data")));
  }

  private static NodeHandlers.Executions executions(
      Foundation foundation,
      BlobStorage storage,
      NodeSettings settings,
      LaunchPlanInterfaces launchPlans,
      ChildExecutions children,
      Signals signals) {
    var database = foundation.database();
    return new NodeHandlers.Executions(
        new BegunExecutions(
            new PastExecutions(database, foundation.plans(), storage),
            new ResourceTables(database),
            storage),
        children,
        new StoredDynamicPlans(
            new DynamicPlanTables(database),
            launchPlans,
            foundation.plans().compiled(),
            storage,
            settings.dynamic()),
        launchPlans::outputs,
        signals);
  }

  /** Builds the catalog caches. A reservation is extended three times before it would expire. */
  private static CatalogCaches caches(
      Foundation foundation,
      BlobStorage storage,
      CatalogSettings settings,
      Optional<FlyteAdminAssembly> flyteAdmin) {
    var catalog =
        new MeteredCatalog(
            flyteAdmin
                .flatMap(admin -> admin.catalog(settings))
                .orElseGet(() -> storedCatalog(foundation, storage, settings)),
            foundation.meters());
    return new CatalogCaches(catalog, foundation.blocking(), settings.reservation().dividedBy(3));
  }

  /** Builds the sweep of the engine's own catalog. */
  static CatalogSweep catalogSweep(Foundation foundation, Config config) {
    var settings = CatalogSettings.from(Section.of(config, "catalog"));
    return new CatalogSweep(
        storedCatalog(foundation, foundation.storage(), settings), settings.sweepInterval());
  }

  private static StoredCatalog storedCatalog(
      Foundation foundation, BlobStorage storage, CatalogSettings settings) {
    return new StoredCatalog(new CatalogTables(foundation.database()), storage.store(), settings);
  }

  /** The signals that this engine's API gets. */
  static Signals signals(Foundation foundation) {
    var tables = new SignalTables(foundation.database());
    return (execution, gate, signalId, type) ->
        CompletableFuture.supplyAsync(
            () -> tables.getOrAwait(execution.number(), signalId, type, gate),
            foundation.blocking());
  }
}
