package io.turboprop;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.executions.SignalService;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.FileRoute;
import io.turboprop.admin.transport.Readiness;
import io.turboprop.admin.transport.ReservedPort;
import io.turboprop.cli.Engine;
import io.turboprop.cli.EngineOptions;
import io.turboprop.cluster.ClusterEntry;
import io.turboprop.cluster.ClusterNode;
import io.turboprop.cluster.ClusterReports;
import io.turboprop.cluster.ClusterSettings;
import io.turboprop.cluster.MemberCount;
import io.turboprop.cluster.MeteredExecutions;
import io.turboprop.cluster.Role;
import io.turboprop.cluster.ShardedWorkflows;
import io.turboprop.cluster.Waker;
import io.turboprop.cluster.WorkflowSettings;
import io.turboprop.console.ConsoleApi;
import io.turboprop.console.EventFrames;
import io.turboprop.console.SlotQueues;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.MeteredDataStore;
import io.turboprop.data.StoreIdentity;
import io.turboprop.data.object.ConfiguredStores;
import io.turboprop.data.object.ObjectSettings;
import io.turboprop.data.object.TaskVariables;
import io.turboprop.event.BacklogWriter;
import io.turboprop.event.EventSettings;
import io.turboprop.event.ExecutionFeeds;
import io.turboprop.event.ExecutionWatch;
import io.turboprop.event.Journal;
import io.turboprop.event.MeteredPublisher;
import io.turboprop.event.Snapshots;
import io.turboprop.event.TablePublisher;
import io.turboprop.execution.ExecutionFiles;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.execution.StoredChildren;
import io.turboprop.execution.StoredExecutions;
import io.turboprop.executor.Executor;
import io.turboprop.executor.ExecutorSettings;
import io.turboprop.executor.LogHolders;
import io.turboprop.executor.NodeIdentity;
import io.turboprop.flyteadmin.FlyteAdminSettings;
import io.turboprop.journal.JournalConnections;
import io.turboprop.journal.JournalTables;
import io.turboprop.journal.WorkflowSnapshots;
import io.turboprop.kubernetes.ResourceSettings;
import io.turboprop.metric.Meters;
import io.turboprop.node.NodeSettings;
import io.turboprop.node.TaskPlugins;
import io.turboprop.plugin.EngineRecords;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.postgres.FolderLock;
import io.turboprop.postgres.Folders;
import io.turboprop.setting.ProcessUser;
import io.turboprop.setting.Section;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.ChildTables;
import io.turboprop.store.ClusterTables;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.ExecutorTables;
import io.turboprop.store.InputTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.OverviewTables;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.PublicationTables;
import io.turboprop.store.QueueTables;
import io.turboprop.store.ReportedExecutions;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.Retention;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.WakeUpTables;
import io.turboprop.workflow.entity.NodeAdmission;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.Workflows;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the engine: reads the configuration and constructs every component, from the database up
 * to the API. Only this class knows all components.
 */
final class EngineAssembly implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(EngineAssembly.class);

  /**
   * Matches host names. Does not match IP addresses and Pekko's placeholders ({@code
   * <getHostAddress>}).
   */
  private static final Pattern HOST_NAME =
      Pattern.compile("(?=.*[A-Za-z])[A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
  private static final long WAITING_LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Config config;
  private final EngineOptions options;

  /**
   * Ticks in microseconds, as times are stored, so that a replay sees the same times as the
   * decision.
   */
  private Clock clock = Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));

  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** The components to close, the last opened first. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Meters meters = new Meters(metrics);
  private final ExecutionWatch watch = new ExecutionWatch();
  private final AdminServer api;

  private EngineAssembly(EngineOptions options) throws IOException {
    this.options = options;
    this.config = options.config().getConfig("turboprop");
    try {
      this.api = build();
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Starts an engine; blocks until it serves.
   *
   * @throws IOException when the blob store can't be opened
   * @throws RuntimeException when another component can't be started, with a message for the user
   */
  static Engine start(EngineOptions options) throws IOException {
    return new EngineAssembly(options);
  }

  private AdminServer build() throws IOException {
    AdminServer.load();
    opened(ProcessFigures.of(metrics));
    var port = opened(ReservedPort.of(config.getString("admin.host"), config.getInt("admin.port")));
    var adminSettings = adminSettings(port.number());
    makeFolder(options.directory());
    var workflowSettings = WorkflowSettings.from(config);
    var nodeSettings = NodeSettings.from(config);
    var wakerSettings = Waker.Settings.from(config);
    var storeSettings = StoreSettings.from(config.getConfig("store"));
    var clusterSettings = ClusterSettings.from(config);
    var dataSettings = DataSettings.from(config.getConfig("data"));
    var objectSettings = ObjectSettings.from(Section.of(config, "data"));
    var blobs = new MeteredDataStore(ConfiguredStores.open(dataSettings, objectSettings), meters);
    var storage = new BlobStorage(blobs, dataSettings.readBytesMax());
    var database = opened(Database.open(storeSettings, clusterSettings.sharing()));
    database.lost().whenComplete((_, failure) -> stopped.completeExceptionally(failure));
    clock = database.clock(clock);
    var plans = Foundation.plansIn(database);
    var foundation = new Foundation(database, storage, plans, meters, blocking, clock);
    var definitions =
        Definitions.over(database, adminSettings, workflowSettings.executions().parallelismMax());
    var queue = new ProjectQueue(new QueueTables(database), ProjectQueue.Limits.from(config));
    var executions =
        new StoredExecutions(
            new ExecutionTables(database),
            new WakeUpTables(database),
            queue,
            plans.compiled(),
            blocking,
            clock);
    var node = clusterNode(database, storeSettings, clusterSettings);
    var cluster = new ClusterTables(database);
    var entry =
        ClusterEntry.begin(
            node,
            clusterSettings,
            cluster,
            options.version(),
            endpointForNodes(adminSettings.address(), clusterSettings));
    var workflows = new ShardedWorkflows(node.system());
    var flyteAdminSettings = FlyteAdminSettings.from(Section.of(config, "flyteadmin"));
    var isEngine = clusterSettings.has(Role.ENGINE);
    var publisher =
        isEngine
            ? Optional.of(publisher(foundation, workflows, flyteAdminSettings))
            : Optional.<TablePublisher>empty();
    var executors =
        clusterSettings.isStandalone()
            ? Optional.<TaskAssembly>empty()
            : Optional.of(
                new TaskAssembly(
                    foundation, ExecutorSettings.from(config), node.system(), workflows));
    var pluginEnvironment =
        pluginEnvironment(
            storage.store(),
            objectSettings,
            endpointForNodes(adminSettings.address(), clusterSettings),
            new StoredRecords(
                new ExecutionTables(database),
                new ResourceTables(database),
                definitions.attributes(),
                ResourceSettings.from(config)));
    var plugins = isEngine ? opened(plugins(executors, pluginEnvironment)) : TaskPlugins.NONE;
    var ofExecutor =
        executors.isPresent() && clusterSettings.has(Role.EXECUTOR)
            ? opened(TaskAssembly.forExecutor(config, pluginEnvironment))
            : TaskPlugins.NONE;
    // The system is closed before the plugins and before the publisher, which publishes the last
    // steps of the entities.
    closeEarlier(node);
    var executionService =
        new ExecutionService(
            new ExecutionService.Environment(
                database,
                plans,
                storage,
                workflows,
                executions::accepted,
                queue,
                workflowSettings.executions(),
                clock),
            definitions);
    var flyteAdmin =
        flyteAdminSettings.isPresent()
            ? Optional.of(
                opened(FlyteAdminAssembly.open(flyteAdminSettings.orElseThrow(), foundation)))
            : Optional.<FlyteAdminAssembly>empty();
    var shards = shards(cluster, workflowSettings.shards());
    if (!clusterSettings.isStandalone()) {
      requireTheClustersStore(cluster, storage.store());
    }
    if (isEngine) {
      var children =
          new StoredChildren(new ChildTables(database), executionService.launcher(), blocking);
      workflows.hold(
          new WorkflowEntity.Environment(
              executions,
              new MeteredPublisher(publisher.orElseThrow(), meters, clock),
              NodeAssembly.handlers(
                  foundation, config, nodeSettings, plugins, children, flyteAdmin),
              admission(workflowSettings),
              WorkflowSnapshots::new,
              clock,
              workflowSettings.idleAfter(),
              workflowSettings.parkedRetry()),
          shards,
          clusterSettings.isStandalone(),
          meters);
      opened(retention(foundation, storeSettings.retention(), plugins)).start();
      opened(NodeAssembly.catalogSweep(foundation, config)).start();
      flyteAdmin.ifPresent(
          admin -> stopIfFailed(admin.start(executionService.launcher(), workflows, watch)));
      opened(ClusterEntry.watch(node, clusterSettings, cluster));
    } else {
      workflows.reach(shards);
    }
    var members = entry.complete();
    // Begins only after the node was admitted, so that a node that is refused takes no task.
    if (executors.isPresent()) {
      begin(executors.orElseThrow(), ofExecutor, nodeSettings, clusterSettings, adminSettings);
    }
    var readiness = readiness(node, workflows, foundation);
    var operation =
        ApiAssembly.operation(
            adminSettings,
            new FileRoute(logs(), new LogHolders(new ExecutorTables(database))),
            new ClusterReports(node, workflows, members));
    port.close();
    var data = ApiAssembly.data(adminSettings, foundation, executionService);
    var console =
        console(
            foundation,
            data,
            executors.<SlotQueues>map(each -> each::queuePlace).orElse(plugins::queuePlace));
    var api =
        opened(
            clusterSettings.has(Role.DOOR)
                ? ApiAssembly.open(
                    adminSettings,
                    new ApiAssembly.Services(
                        definitions,
                        executionService,
                        new SignalService(database, storage, workflows, definitions.lists()),
                        data,
                        console,
                        operation),
                    readiness,
                    metrics)
                : ApiAssembly.openWithoutDoor(adminSettings, operation, readiness, metrics));
    // Closed before the API, which would wait for the streams of open pages.
    opened(console);
    if (clusterSettings.has(Role.DOOR)) {
      KubernetesAssembly.watch(
              config,
              foundation,
              executionService.resources(),
              flyteAdmin.map(FlyteAdminAssembly::resourceEnds).orElse((_, _, _) -> {}),
              metrics)
          .ifPresent(resources -> opened(resources).start());
    }
    // Leaving begins before the API closes: the executions move to other nodes while the API ends
    // its calls.
    opened(node::leave);
    if (isEngine) {
      node.wake(
          Waker.create(
              wakerSettings, new MeteredExecutions(executions, meters), workflows, blocking));
    }
    awaitReady(readiness);
    return api;
  }

  private ConsoleApi console(Foundation foundation, DataProxy data, SlotQueues queues) {
    var database = foundation.database();
    var tables = new JournalTables(database);
    var journal = Journal.of(tables);
    var overview = new OverviewTables(database);
    return new ConsoleApi(
        new ConsoleApi.Sources(
            new ExecutionTables(database),
            overview,
            new NodeExecutionTables(database),
            new ArrayElementTables(database),
            new InputTables(database),
            new DynamicPlanTables(database),
            foundation.plans(),
            journal,
            Snapshots.of(tables),
            opened(
                new ExecutionFeeds(
                    watch,
                    journal,
                    foundation.plans().nodes(),
                    overview::positions,
                    new EventFrames())),
            queues,
            data::uploadThroughServer,
            watch::changes));
  }

  private Readiness readiness(ClusterNode node, ShardedWorkflows workflows, Foundation foundation) {
    var checks = new LinkedHashMap<String, Readiness.Check>();
    checks.put("cluster", node::notReadyReason);
    checks.put("shards", workflows::notReadyReason);
    checks.put(
        "database",
        () -> {
          foundation.database().ask();
          return Optional.empty();
        });
    checks.put(
        "store",
        () -> {
          var store = foundation.storage().store();
          var _ = store.size(store.base().child("ready"));
          return Optional.empty();
        });
    return new Readiness(checks, blocking);
  }

  /** Waits until the node is ready, as long as it takes; the log says what it waits for. */
  private void awaitReady(Readiness readiness) {
    var lastLine = System.nanoTime();
    for (var results = readiness.results().join();
        !Readiness.isReady(results);
        results = readiness.results().join()) {
      if (stopped.isDone()) {
        stopped.join();
      }
      if (System.nanoTime() - lastLine > WAITING_LINE_NANOS) {
        LOG.info("not ready yet: {}", results);
        lastLine = System.nanoTime();
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the start of the engine was interrupted", e);
    }
  }

  /** The number of shards, which must be the one of the first start on this database. */
  private static int shards(ClusterTables cluster, int configured) {
    var fixed = cluster.shards(configured);
    if (fixed != configured) {
      throw new IllegalArgumentException(
          "turboprop.workflow.shards is %d, and the executions of this database are spread over %d shards: set it to %d"
              .formatted(configured, fixed, fixed));
    }
    return fixed;
  }

  /** Refuses a blob store that is not the one of the other nodes. */
  private static void requireTheClustersStore(ClusterTables cluster, DataStore store)
      throws IOException {
    var theirs = cluster.blobStore(() -> StoreIdentity.readOrMake(store));
    if (!StoreIdentity.read(store).equals(Optional.of(theirs))) {
      throw new IOException(
          "turboprop.data.base (%s) is not the blob store of the other nodes: all nodes need the same one, a folder that they share or a bucket"
              .formatted(store.base().uri()));
    }
  }

  private ClusterNode clusterNode(
      Database database, StoreSettings settings, ClusterSettings cluster) {
    var journal = opened(JournalConnections.open(database, settings.journal()));
    DatabaseFigures.show(database, journal, meters);
    var node = opened(ClusterNode.start(journal, cluster, options.config()));
    MemberCount.show(node, meters);
    node.stopped()
        .whenComplete((reason, failure) ->
            stopped.completeExceptionally(
                failure == null ? new IllegalStateException(reason) : failure));
    return node;
  }

  private TaskPluginEnvironment pluginEnvironment(
      DataStore store, ObjectSettings objects, URI endpoint, EngineRecords records)
      throws IOException {
    return new TaskPluginEnvironment(
        store,
        TaskVariables.of(objects),
        Files.createDirectories(folderOfPlugins()),
        endpoint.toString(),
        records,
        clock,
        metrics);
  }

  /** The plugins as owners of executions call them. */
  private TaskPlugins plugins(Optional<TaskAssembly> executors, TaskPluginEnvironment environment) {
    return executors
        .map(each -> each.forOwners(config, environment))
        .orElseGet(() ->
            TaskPlugins.load(
                config, _ -> true, (provider, section) -> provider.create(section, environment)));
  }

  /**
   * Starts this node's executor, if it has one, and the sweep of attempts.
   *
   * @param plugins those that the executor calls
   * @throws io.turboprop.postgres.StoreException when another node uses the data folder
   */
  private void begin(
      TaskAssembly executors,
      TaskPlugins plugins,
      NodeSettings nodeSettings,
      ClusterSettings cluster,
      AdminSettings api)
      throws IOException {
    if (cluster.has(Role.EXECUTOR)) {
      // Two executors on one folder would be one executor for the database.
      opened(FolderLock.acquire(folderOfPlugins()));
      executors.execute(
          plugins,
          nodeSettings.calls(),
          new Executor.Identity(
              NodeIdentity.load(folderOfPlugins().resolve("executor")),
              endpointForNodes(api.address(), cluster).toString()));
    }
    if (cluster.has(Role.ENGINE)) {
      opened(executors.sweep()).start();
    }
  }

  private NodeAdmission admission(WorkflowSettings settings) {
    var admission = new NodeAdmission(settings.nodesInMemoryMax());
    meters.gauge(
        "turboprop.nodes.in.memory",
        "nodes that the executions in memory have, or have room for",
        admission::nodes);
    meters.gauge(
        "turboprop.executions.awaiting.memory",
        "executions that wait until others leave memory (turboprop.workflow.nodes-in-memory-max)",
        admission::waiting);
    return admission;
  }

  private Retention retention(
      Foundation foundation, StoreSettings.Retention settings, TaskPlugins plugins) {
    return new Retention(
        foundation.database(),
        settings,
        WorkflowEntity::persistenceId,
        new ExecutionFiles(foundation.storage(), plugins, settings.withRawData()),
        clock);
  }

  /** The folder in which task plugins keep files that outlive the engine. */
  private Path folderOfPlugins() {
    return options.directory().resolve("plugins");
  }

  /** The folder of the tasks' logs. */
  private Path logs() throws IOException {
    return Files.createDirectories(folderOfPlugins().resolve("logs"));
  }

  private TablePublisher publisher(
      Foundation foundation, Workflows workflows, Optional<FlyteAdminSettings> flyteAdmin) {
    var settings = EventSettings.from(config.getConfig("event"));
    var publisher =
        TablePublisher.start(
            new BacklogWriter(
                new ProgressTables(
                    foundation.database(),
                    flyteAdmin.map(FlyteAdminSettings::executions).orElse(ReportedExecutions.NONE)),
                new PublicationTables(foundation.database()),
                Journal.of(new JournalTables(foundation.database())),
                foundation.plans().nodes(),
                watch,
                parent -> workflows.lookAgain(parent.execution(), parent.node()),
                settings,
                clock),
            settings);
    stopIfFailed(publisher.ended());
    return opened(publisher);
  }

  /** Stops the engine if a part that it can't do without ends with a failure. */
  private void stopIfFailed(CompletionStage<Void> part) {
    part.whenComplete((_, failure) -> {
      if (failure != null) {
        stopped.completeExceptionally(failure);
      }
    });
  }

  /**
   * The settings of the API with its port, which is chosen before the server opens it, because
   * tasks get the address of the API.
   */
  private AdminSettings adminSettings(int port) {
    var admin = config.getConfig("admin").withValue("port", ConfigValueFactory.fromAnyRef(port));
    // The name by which other nodes, and tasks, call this one.
    var host = config.getString("cluster.host");
    if (!HOST_NAME.matcher(host).matches()) {
      return AdminSettings.from(admin);
    }
    var hosts = new ArrayList<>(admin.getStringList("hosts"));
    hosts.add(host);
    return AdminSettings.from(admin.withValue("hosts", ConfigValueFactory.fromIterable(hosts)));
  }

  /**
   * Creates the data folder for its owner only, because it holds keys and the data of executions.
   * If the engine runs as root, its tasks run as another user, who must pass through the data
   * folder to the folders of the tasks.
   */
  private static void makeFolder(Path folder) throws IOException {
    try {
      Folders.create(
          folder, ProcessUser.isRoot() ? Folders.OTHERS_PASS_THROUGH : Folders.OWNER_ONLY);
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

  /** Has an open component closed before those that were opened since. */
  private void closeEarlier(AutoCloseable component) {
    open.remove(component);
    open.push(component);
  }

  @Override
  public URI endpoint() {
    return endpoint(config.getString("admin.host"), api.port());
  }

  /** Where the other nodes reach this one's API. */
  private static URI endpointForNodes(AdminSettings.Address api, ClusterSettings cluster) {
    var isEverywhere = api.host().equals("0.0.0.0") || api.host().equals("::");
    return endpoint(isEverywhere ? cluster.host() : api.host(), api.port());
  }

  /** An IPv6 address stands in brackets in a URI. */
  static URI endpoint(String host, int port) {
    var isAddress = host.contains(":") && !host.startsWith("[");
    return URI.create("http://%s:%d".formatted(isAddress ? "[" + host + "]" : host, port));
  }

  @Override
  public long changes() {
    return watch.changes();
  }

  @Override
  public CompletionStage<Void> stopped() {
    return stopped.minimalCompletionStage();
  }

  /**
   * Closes the components in reverse order; if closing one fails, the others are closed all the
   * same.
   */
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
