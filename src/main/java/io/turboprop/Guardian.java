package io.turboprop;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminServer;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.AdminSettings;
import io.turboprop.admin.DataProxy;
import io.turboprop.admin.DataTransfer;
import io.turboprop.admin.Definitions;
import io.turboprop.admin.ExecutionRpcs;
import io.turboprop.admin.ExecutionService;
import io.turboprop.admin.FileRoute;
import io.turboprop.admin.LaunchPlanInterfaces;
import io.turboprop.admin.LinkSigner;
import io.turboprop.admin.Links;
import io.turboprop.admin.PastExecutions;
import io.turboprop.admin.ReservedPort;
import io.turboprop.admin.SignalService;
import io.turboprop.catalog.CatalogSettings;
import io.turboprop.catalog.MeteredCatalog;
import io.turboprop.catalog.StoredCatalog;
import io.turboprop.cli.Engine;
import io.turboprop.cli.EngineOptions;
import io.turboprop.cluster.MeteredExecutions;
import io.turboprop.cluster.ShardedWorkflows;
import io.turboprop.cluster.Waker;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStores;
import io.turboprop.data.Layout;
import io.turboprop.data.OffloadedInputs;
import io.turboprop.event.BacklogWriter;
import io.turboprop.event.EventSettings;
import io.turboprop.event.ExecutionWatch;
import io.turboprop.event.Journal;
import io.turboprop.event.MeteredPublisher;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.TablePublisher;
import io.turboprop.metric.Meters;
import io.turboprop.node.CatalogCaches;
import io.turboprop.node.ChildExecutions;
import io.turboprop.node.DynamicSettings;
import io.turboprop.node.NodeActor;
import io.turboprop.node.NodeHandlers;
import io.turboprop.node.Signals;
import io.turboprop.node.Speculation;
import io.turboprop.node.TaskPlugins;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.store.CatalogTables;
import io.turboprop.store.ChildTables;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.JournalConfig;
import io.turboprop.store.JournalConnections;
import io.turboprop.store.JournalTables;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.PlanTables;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.Retention;
import io.turboprop.store.SignalTables;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.WorkflowSnapshots;
import io.turboprop.workflow.ExecutionSettings;
import io.turboprop.workflow.WorkflowEntity;
import io.turboprop.workflow.Workflows;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the engine: reads the configuration and makes every component by its constructor, from the
 * database up to the door. This is the one place that knows them all.
 */
final class Guardian implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(Guardian.class);
  private static final long PLANS_BYTES_IN_MEMORY = 64 * 1024 * 1024;

  private final Config config;
  private final EngineOptions options;

  /** Ticks as finely as times are stored, so that a replay sees what was decided on. */
  private final Clock clock = Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));

  private final Executor blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** What has been opened, the last first. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Meters meters = new Meters(metrics);
  private final ExecutionWatch watch = new ExecutionWatch();
  private final AdminServer door;

  private Guardian(EngineOptions options) throws IOException {
    this.options = options;
    this.config = options.config().getConfig("turboprop");
    try {
      this.door = build();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts an engine; blocks until it serves.
   *
   * @throws IOException when the blob store can't be opened
   * @throws RuntimeException when something else can't be, with a message for the user
   */
  static Engine start(EngineOptions options) throws IOException {
    return new Guardian(options);
  }

  private AdminServer build() throws IOException {
    measureTheProcess();
    var port = opened(ReservedPort.of(config.getString("admin.host"), config.getInt("admin.port")));
    var adminSettings = adminSettings(port.number());
    makeFolder(options.directory());
    var dataSettings = DataSettings.from(config.getConfig("data"));
    var storeSettings = StoreSettings.from(config.getConfig("store"));
    var store = DataStores.open(dataSettings);
    var layout = Layout.of(store.base());
    var database = opened(Database.open(storeSettings));
    var plans = new CompiledPlans(new PlanTables(database)::find, PLANS_BYTES_IN_MEMORY);
    var planNodes =
        new PlanNodes(new DynamicPlanTables(database)::find, digest -> plans.get(digest).plan());
    var definitions =
        Definitions.over(database, adminSettings, config.getInt("workflow.max-parallelism"));
    var executionTables = new ExecutionTables(database);
    var executions = new StoredExecutions(executionTables, plans, blocking, clock);
    var system = actorSystem(database, storeSettings);
    var workflows = new ShardedWorkflows(system);
    var publisher = publisher(database, executionTables, planNodes, workflows);
    // Before the publisher: what entities have stored last is told.
    opened(() -> terminate(system));
    var plugins =
        TaskPlugins.load(
            config,
            new TaskPluginEnvironment(
                store,
                Files.createDirectories(plugins()),
                endpoint(adminSettings.host(), adminSettings.port()).toString(),
                clock,
                metrics));
    var rpcs =
        ExecutionService.over(
            new ExecutionService.Environment(
                database,
                plans,
                planNodes,
                store,
                layout,
                workflows,
                executions::accepted,
                executionSettings(),
                dataSettings.readBytesMax(),
                clock),
            definitions);
    var children = new StoredChildren(new ChildTables(database), rpcs.launcher(), blocking);
    workflows.hold(
        new WorkflowEntity.Environment(
            executions,
            new MeteredPublisher(publisher, meters, clock),
            handlers(store, layout, database, plans, planNodes, plugins, children, dataSettings),
            WorkflowSnapshots::new,
            clock,
            config.getDuration("workflow.idle-after")),
        config.getInt("workflow.shards"),
        meters);
    opened(
            new Retention(
                database,
                storeSettings.retention(),
                WorkflowEntity::persistenceId,
                new ExecutionFiles(store, layout, plugins, storeSettings.retention().withRawData()),
                clock))
        .start();
    port.close();
    var signals = new SignalService(database, store, workflows, dataSettings.readBytesMax(), clock);
    var opened = opened(door(adminSettings, definitions, rpcs, signals, store));
    wake(system, executions, workflows);
    return opened;
  }

  /** The rules of executions that say nothing else. */
  private ExecutionSettings executionSettings() {
    var rules = config.getConfig("workflow");
    return new ExecutionSettings(
        rules.getInt("max-parallelism"),
        false,
        rules.getInt("system-retries"),
        rules.getInt("default-max-attempts"),
        rules.getDuration("back-off-min"),
        rules.getDuration("back-off-max"),
        Math.toIntExact(rules.getBytes("inline-max")),
        rules.getInt("elements-max"),
        false);
  }

  private AdminServer door(
      AdminSettings settings,
      Definitions definitions,
      ExecutionRpcs executions,
      SignalService signals,
      DataStore store)
      throws IOException {
    var signer = LinkSigner.load(settings.signingKey(), options.directory().resolve("signing-key"));
    var links = new Links(signer, store.base(), settings.publicUrl(), clock);
    return AdminServer.start(
        settings,
        List.of(
            AdminService.table(definitions, executions),
            signals.table(),
            new DataProxy(links, store, executions, settings).table()),
        Map.of(
            Links.PREFIX,
            new DataTransfer(links, store, settings),
            "/logs/",
            new FileRoute(Files.createDirectories(plugins().resolve("logs")))),
        metrics);
  }

  /** Where task plugins keep what outlives the engine. */
  private Path plugins() {
    return options.directory().resolve("plugins");
  }

  private void measureTheProcess() {
    new JvmMemoryMetrics().bindTo(metrics);
    new JvmThreadMetrics().bindTo(metrics);
    new ProcessorMetrics().bindTo(metrics);
    opened(measured(new JvmGcMetrics()));
  }

  private JvmGcMetrics measured(JvmGcMetrics collections) {
    collections.bindTo(metrics);
    return collections;
  }

  private ActorSystem<Void> actorSystem(Database database, StoreSettings settings) {
    var journal = opened(JournalConnections.open(database, settings.journal()));
    var config =
        JournalConfig.of()
            .withFallback(ConfigFactory.parseResources("pekko.conf"))
            .withFallback(options.config())
            .resolve();
    var system =
        ActorSystem.create(
            Behaviors.<Void>empty(),
            "turboprop",
            ActorSystemSetup.create(BootstrapSetup.create(config), journal));
    opened(() -> terminate(system));
    if (system.settings().config().getStringList("pekko.cluster.seed-nodes").isEmpty()) {
      var cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    system
        .getWhenTerminated()
        .whenComplete((_, _) ->
            stopped.completeExceptionally(
                new IllegalStateException("the actor system has stopped; the log says why")));
    return system;
  }

  private static void terminate(ActorSystem<?> system) throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private TablePublisher publisher(
      Database database, ExecutionTables executions, PlanNodes planNodes, Workflows workflows) {
    var settings = EventSettings.from(config.getConfig("event"));
    var journal = new JournalTables(database);
    var publisher =
        TablePublisher.start(
            new BacklogWriter(
                new ProgressTables(database),
                executions,
                Journal.of(journal),
                planNodes,
                watch,
                parent -> workflows.lookAgain(parent.execution(), parent.node()),
                settings,
                clock),
            settings);
    publisher
        .ended()
        .whenComplete((_, failure) -> {
          if (failure != null) {
            stopped.completeExceptionally(failure);
          }
        });
    return opened(publisher);
  }

  private NodeHandlers handlers(
      DataStore store,
      Layout layout,
      Database database,
      CompiledPlans plans,
      PlanNodes planNodes,
      TaskPlugins plugins,
      ChildExecutions children,
      DataSettings data) {
    var catalogSettings = CatalogSettings.from(config.getConfig("catalog"));
    var catalog =
        new MeteredCatalog(
            new StoredCatalog(new CatalogTables(database), store, catalogSettings), meters);
    var node = config.getConfig("node");
    return new NodeHandlers(
        new NodeHandlers.Environment(
            store,
            layout,
            plugins,
            (digest, task) -> plans.get(digest).tasks().get(task),
            new CatalogCaches(catalog, blocking, catalogSettings.reservation().dividedBy(3)),
            PastExecutions.over(database, plans, planNodes, store, layout, data.readBytesMax()),
            children,
            node.getInt("nesting-max"),
            new StoredDynamicPlans(
                new DynamicPlanTables(database),
                new LaunchPlanInterfaces(new LaunchPlanTables(database)),
                store,
                layout,
                DynamicSettings.from(node.getConfig("dynamic"))),
            new LaunchPlanInterfaces(new LaunchPlanTables(database))::outputs,
            signals(new SignalTables(database)),
            new NodeActor.Settings(
                node.getDuration("call-timeout"),
                node.getInt("call-failures"),
                node.getDuration("call-pause"),
                node.getDuration("look-at-least-every")),
            Speculation.from(node.getConfig("speculation")),
            node.getDuration("reservation-interval"),
            data.readBytesMax(),
            OffloadedInputs.from(config.getConfig("data.offloaded-inputs")),
            blocking,
            clock,
            meters));
  }

  private Signals signals(SignalTables tables) {
    return (execution, gate, signalId, type) ->
        CompletableFuture.supplyAsync(
            () -> tables.getOrAwait(execution.number(), signalId, type, gate), blocking);
  }

  private void wake(
      ActorSystem<?> system, Waker.Executions executions, ShardedWorkflows workflows) {
    var waker = config.getConfig("waker");
    var settings =
        new Waker.Settings(
            waker.getDuration("interval"),
            waker.getInt("batch"),
            waker.getDuration("sweep-interval"));
    ClusterSingleton.get(system)
        .init(
            SingletonActor.of(
                Waker.create(
                    settings, new MeteredExecutions(executions, meters), workflows, blocking),
                "waker"));
  }

  /** Tasks are told where the door is before it opens, so the port is chosen first. */
  private AdminSettings adminSettings(int port) {
    return AdminSettings.from(
        config.getConfig("admin").withValue("port", ConfigValueFactory.fromAnyRef(port)));
  }

  private static void makeFolder(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
      if (!Files.isWritable(folder)) {
        throw new AccessDeniedException(folder.toString());
      }
    } catch (IOException e) {
      throw new IOException("can't keep data in " + folder + " (--data)", e);
    }
  }

  private <T extends AutoCloseable> T opened(T component) {
    open.push(component);
    return component;
  }

  @Override
  public URI endpoint() {
    return endpoint(config.getString("admin.host"), door.port());
  }

  private static URI endpoint(String host, int port) {
    return URI.create("http://%s:%d".formatted(host, port));
  }

  @Override
  public long changes() {
    return watch.changes();
  }

  @Override
  public CompletionStage<Void> stopped() {
    return stopped.minimalCompletionStage();
  }

  /** Closes what was opened, in reverse order; what can't be closed keeps nothing else open. */
  @Override
  public synchronized void close() {
    stopped.complete(null);
    while (!open.isEmpty()) {
      var component = open.pop();
      try {
        component.close();
      } catch (Exception e) {
        LOG.warn("{} could not be closed", component, e);
      }
    }
  }
}
