package io.turboprop;

import io.turboprop.catalog.Catalog;
import io.turboprop.catalog.CatalogSettings;
import io.turboprop.data.ExecutionId;
import io.turboprop.event.ExecutionWatch;
import io.turboprop.event.Journal;
import io.turboprop.execution.ChildLauncher;
import io.turboprop.flyteadmin.AdminChildren;
import io.turboprop.flyteadmin.AdminLaunchPlans;
import io.turboprop.flyteadmin.AdminSignals;
import io.turboprop.flyteadmin.ChildWatch;
import io.turboprop.flyteadmin.DataCatalogClient;
import io.turboprop.flyteadmin.EventPublisher;
import io.turboprop.flyteadmin.FlyteAdminChannel;
import io.turboprop.flyteadmin.FlyteAdminSettings;
import io.turboprop.flyteadmin.ResourceReports;
import io.turboprop.flyteadmin.SignalWatch;
import io.turboprop.journal.JournalTables;
import io.turboprop.kubernetes.ResourceEnds;
import io.turboprop.node.ChildExecutions;
import io.turboprop.node.Signals;
import io.turboprop.store.EngineLock;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.FlyteAdminChildTables;
import io.turboprop.store.FlyteAdminSignalTables;
import io.turboprop.store.FlyteAdminTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.SignalTables;
import io.turboprop.workflow.entity.Workflows;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Builds what connects the engine with a FlyteAdmin, and closes it in reverse order. */
final class FlyteAdminAssembly implements AutoCloseable {
  /** The name of the lock of the engine that asks for signals, the same in every version. */
  private static final String SIGNALS_LOCK = "flyteadmin-signals";

  private final FlyteAdminSettings settings;
  private final Foundation foundation;
  private final FlyteAdminChannel admin;
  private final Optional<FlyteAdminChannel> catalog;
  private final FlyteAdminChildTables childTables;
  private final Optional<AdminChildren> children;
  private final FlyteAdminSignalTables signalTables;
  private final AdminSignals signals;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private FlyteAdminAssembly(
      FlyteAdminSettings settings,
      Foundation foundation,
      FlyteAdminChannel admin,
      Optional<FlyteAdminChannel> catalog) {
    this.settings = settings;
    this.foundation = foundation;
    this.admin = admin;
    this.catalog = catalog;
    this.childTables = new FlyteAdminChildTables(foundation.database());
    this.children =
        settings.children().areAdmins()
            ? Optional.of(
                new AdminChildren(
                    admin.channel(),
                    settings.connection().callTimeout(),
                    childTables,
                    settings.children().interval(),
                    foundation.blocking()))
            : Optional.empty();
    this.signalTables = new FlyteAdminSignalTables(foundation.database(), settings.executions());
    this.signals =
        new AdminSignals(
            admin.channel(),
            settings.connection().callTimeout(),
            NodeAssembly.signals(foundation),
            signalTables,
            foundation.blocking());
    open.push(admin);
    catalog.ifPresent(open::push);
  }

  /**
   * Opens the connections.
   *
   * @throws IOException when the file of certificates can't be read
   */
  static FlyteAdminAssembly open(FlyteAdminSettings settings, Foundation foundation)
      throws IOException {
    var admin = FlyteAdminChannel.open(settings.connection());
    return new FlyteAdminAssembly(
        settings,
        foundation,
        admin,
        settings.catalog().isPresent()
            ? Optional.of(admin.to(settings.catalog().orElseThrow()))
            : Optional.empty());
  }

  /** The executions of launch plan nodes, if FlyteAdmin creates them. */
  Optional<ChildExecutions> children() {
    return children.map(present -> present);
  }

  /** The signals of gates that FlyteAdmin gets, besides those of this engine's own API. */
  Signals signals() {
    return signals;
  }

  /** The launch plans that FlyteAdmin knows. */
  AdminLaunchPlans launchPlans() {
    return new AdminLaunchPlans(admin.channel(), settings.connection().callTimeout());
  }

  /** Reports resources to FlyteAdmin that have ended and not become executions. */
  ResourceEnds resourceEnds() {
    return new ResourceReports(admin, settings, foundation.clock());
  }

  /** The catalog of the installation, if it is to be used. */
  Optional<Catalog> catalog(CatalogSettings settings) {
    return catalog.map(channel ->
        new DataCatalogClient(
            channel.channel(),
            this.settings.connection().callTimeout(),
            settings,
            foundation.clock()));
  }

  /**
   * Sends events from now on, and watches children.
   *
   * @return completes when no more events are sent; exceptionally if an error is the reason
   */
  CompletionStage<Void> start(ChildLauncher executions, Workflows workflows, ExecutionWatch watch) {
    var ended =
        children
            .map(present -> watch(present, workflows))
            .<Consumer<ExecutionId>>map(each -> each::ended)
            .orElse(_ -> {});
    var database = foundation.database();
    var publisher =
        EventPublisher.start(
            new EventPublisher.Environment(
                new FlyteAdminTables(database),
                new ExecutionTables(database),
                new NodeExecutionTables(database),
                foundation.plans(),
                Journal.of(new JournalTables(database)),
                foundation.storage(),
                executions::abort,
                ended,
                foundation.meters(),
                foundation.clock()),
            settings,
            admin,
            watch);
    open.push(publisher);
    watchSignals(workflows);
    return publisher.ended();
  }

  private void watchSignals(Workflows workflows) {
    var signalWatch =
        new SignalWatch(
            signalTables,
            new SignalTables(foundation.database()),
            new EngineLock(foundation.database(), SIGNALS_LOCK),
            signals,
            workflows::lookAgain,
            settings.signalsInterval());
    open.push(signalWatch);
    signalWatch.start();
  }

  private ChildWatch watch(AdminChildren children, Workflows workflows) {
    var childWatch =
        new ChildWatch(
            childTables,
            children,
            parent -> workflows.lookAgain(parent.execution(), parent.node()),
            settings.children().interval());
    open.push(childWatch);
    childWatch.start();
    return childWatch;
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
