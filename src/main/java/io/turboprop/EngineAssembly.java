package io.turboprop;

import com.linecorp.armeria.server.HttpService;
import com.typesafe.config.Config;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.definitions.MatchableAttributes;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.executions.SignalService;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.FileRoute;
import io.turboprop.admin.transport.Readiness;
import io.turboprop.admin.transport.ReservedPort;
import io.turboprop.cli.Engine;
import io.turboprop.cli.EngineOptions;
import io.turboprop.cluster.ClusterEntry;
import io.turboprop.cluster.ClusterNode;
import io.turboprop.cluster.ClusterReports;
import io.turboprop.cluster.MemberCount;
import io.turboprop.cluster.MeteredExecutions;
import io.turboprop.cluster.ShardedWorkflows;
import io.turboprop.cluster.Waker;
import io.turboprop.cluster.WorkflowSettings;
import io.turboprop.console.ConsoleApi;
import io.turboprop.console.EventFrames;
import io.turboprop.console.SlotQueues;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataStore;
import io.turboprop.data.MeteredDataStore;
import io.turboprop.data.StoreIdentity;
import io.turboprop.data.object.ConfiguredStores;
import io.turboprop.data.object.TaskVariables;
import io.turboprop.event.BacklogWriter;
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
import io.turboprop.metric.Meters;
import io.turboprop.node.TaskPlugins;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.postgres.FolderLock;
import io.turboprop.postgres.Folders;
import io.turboprop.setting.ProcessUser;
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
import io.turboprop.workflow.entity.NodeMemoryLimit;
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
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the engine: reads the configuration and constructs every component, from the database up
 * to the API. Only this class knows all components.
 */
final class EngineAssembly implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(EngineAssembly.class);

  /** Times are stored in microseconds, so that a replay sees the same times as the decision. */
  private static final Duration STORED_TICK = Duration.of(1, ChronoUnit.MICROS);

  private final Config config;
  private final EngineOptions options;

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
    var settings = EngineSettings.of(config, port.number());
    makeFolder(options.directory());
    var foundation = foundation(settings);
    var definitions =
        Definitions.over(
            foundation.database(),
            settings.admin(),
            settings.workflow().executions().parallelismMax());
    var queue = new ProjectQueue(new QueueTables(foundation.database()), settings.projectLimits());
    var executions =
        new StoredExecutions(
            new ExecutionTables(foundation.database()),
            new WakeUpTables(foundation.database()),
            queue,
            foundation.plans().compiled(),
            blocking,
            foundation.clock());
    var node = clusterNode(foundation.database(), settings);
    var cluster = new ClusterTables(foundation.database());
    var entry =
        ClusterEntry.begin(
            node, settings.cluster(), cluster, options.version(), settings.endpointForNodes());
    var workflows = new ShardedWorkflows(node.system());
    var publisher =
        settings.isEngine()
            ? Optional.of(publisher(settings, foundation, workflows))
            : Optional.<TablePublisher>empty();
    var tasks = tasks(settings, foundation, definitions.attributes(), node, workflows);
    // The system is closed before the plugins and before the publisher, which publishes the last
    // steps of the entities.
    closeEarlier(node);
    var executionService =
        new ExecutionService(
            new ExecutionService.Environment(
                foundation.database(),
                foundation.plans(),
                foundation.storage(),
                workflows,
                executions::accepted,
                queue,
                settings.workflow().executions(),
                foundation.clock()),
            definitions);
    var flyteAdmin = Optional.<FlyteAdminAssembly>empty();
    if (settings.flyteAdmin().isPresent()) {
      flyteAdmin =
          Optional.of(
              opened(FlyteAdminAssembly.open(settings.flyteAdmin().orElseThrow(), foundation)));
    }
    var shards = shards(cluster, settings.workflow().shards());
    if (!settings.cluster().isStandalone()) {
      requireTheClustersStore(cluster, foundation.storage().store());
    }
    if (settings.isEngine()) {
      var children =
          new StoredChildren(
              new ChildTables(foundation.database()), executionService.launcher(), blocking);
      workflows.hold(
          new WorkflowEntity.Environment(
              executions,
              new MeteredPublisher(publisher.orElseThrow(), meters, foundation.clock()),
              NodeAssembly.handlers(
                  foundation, config, settings.node(), tasks.ofOwners(), children, flyteAdmin),
              memoryLimit(settings.workflow()),
              WorkflowSnapshots::new,
              foundation.clock(),
              settings.workflow().idleAfter(),
              settings.workflow().parkedRetry()),
          shards,
          settings.cluster().isStandalone(),
          meters);
      opened(retention(foundation, settings.store().retention(), tasks.ofOwners())).start();
      opened(NodeAssembly.catalogSweep(foundation, config)).start();
      flyteAdmin.ifPresent(
          admin -> stopIfFailed(admin.start(executionService.launcher(), workflows, watch)));
      opened(ClusterEntry.watch(node, settings.cluster(), cluster));
    } else {
      workflows.reach(shards);
    }
    var members = entry.complete();
    // Begins only after the node was admitted, so that a node that is refused takes no task.
    if (tasks.executors().isPresent()) {
      begin(tasks.executors().orElseThrow(), tasks.ofExecutor(), settings);
    }
    var readiness = EngineReadiness.of(node, workflows, foundation);
    var operation =
        ApiAssembly.operation(
            settings.admin(),
            new FileRoute(logs(), new LogHolders(new ExecutorTables(foundation.database()))),
            new ClusterReports(node, workflows, members));
    port.close();
    var api =
        settings.isDoor()
            ? door(
                settings,
                foundation,
                definitions,
                executionService,
                workflows,
                tasks,
                operation,
                readiness)
            : opened(ApiAssembly.openWithoutDoor(settings.admin(), operation, readiness, metrics));
    if (settings.isDoor()) {
      KubernetesAssembly.watch(
              settings.resources(),
              foundation,
              executionService.resources(),
              flyteAdmin.map(FlyteAdminAssembly::resourceEnds).orElse((_, _, _) -> {}),
              metrics)
          .ifPresent(resources -> opened(resources).start());
    }
    // Leaving begins before the API closes: the executions move to other nodes while the API ends
    // its calls.
    opened(node::leave);
    if (settings.isEngine()) {
      node.wake(
          Waker.create(
              settings.waker(), new MeteredExecutions(executions, meters), workflows, blocking));
    }
    EngineReadiness.await(readiness, stopped);
    return api;
  }

  /** Opens the stores. */
  private Foundation foundation(EngineSettings settings) throws IOException {
    var blobs =
        new MeteredDataStore(ConfiguredStores.open(settings.data(), settings.objects()), meters);
    var storage = new BlobStorage(blobs, settings.data().readBytesMax());
    var database = opened(Database.open(settings.store(), settings.cluster().sharing()));
    database.lost().whenComplete((_, failure) -> stopped.completeExceptionally(failure));
    return new Foundation(
        database,
        storage,
        Foundation.plansIn(database),
        meters,
        blocking,
        database.clock(Clock.tick(Clock.systemUTC(), STORED_TICK)));
  }

  /**
   * The plugins of this node.
   *
   * @param executors empty for a standalone engine, which calls its plugins directly
   * @param ofOwners those that owners of executions call; none if the node has not the role
   * @param ofExecutor those that the executor calls; none if the node has not the role
   */
  private record Tasks(
      Optional<TaskAssembly> executors, TaskPlugins ofOwners, TaskPlugins ofExecutor) {
    SlotQueues queues() {
      return executors.<SlotQueues>map(each -> each::queuePlace).orElse(ofOwners::queuePlace);
    }
  }

  private Tasks tasks(
      EngineSettings settings,
      Foundation foundation,
      MatchableAttributes attributes,
      ClusterNode node,
      Workflows workflows)
      throws IOException {
    var executors =
        settings.cluster().isStandalone()
            ? Optional.<TaskAssembly>empty()
            : Optional.of(
                new TaskAssembly(
                    foundation, ExecutorSettings.from(config), node.system(), workflows));
    var environment = pluginEnvironment(settings, foundation, attributes);
    var ofOwners = settings.isEngine() ? opened(plugins(executors, environment)) : TaskPlugins.NONE;
    var ofExecutor =
        executors.isPresent() && settings.isExecutor()
            ? opened(TaskAssembly.forExecutor(config, environment))
            : TaskPlugins.NONE;
    return new Tasks(executors, ofOwners, ofExecutor);
  }

  /** Opens the API with all its services. */
  private AdminServer door(
      EngineSettings settings,
      Foundation foundation,
      Definitions definitions,
      ExecutionService executions,
      ShardedWorkflows workflows,
      Tasks tasks,
      Map<String, HttpService> operation,
      Readiness readiness) {
    var data = ApiAssembly.data(settings.admin(), foundation, executions);
    var console = console(foundation, data, tasks.queues());
    var signals =
        new SignalService(
            foundation.database(), foundation.storage(), workflows, definitions.lists());
    var api =
        opened(
            ApiAssembly.open(
                settings.admin(),
                new ApiAssembly.Services(
                    definitions, executions, signals, data, console, operation),
                readiness,
                metrics));
    // Closed before the API, which would wait for the streams of open pages.
    opened(console);
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

  private ClusterNode clusterNode(Database database, EngineSettings settings) {
    var journal = opened(JournalConnections.open(database, settings.store().journal()));
    DatabaseFigures.show(database, journal, meters);
    var node = opened(ClusterNode.start(journal, settings.cluster(), options.config()));
    MemberCount.show(node, meters);
    node.stopped()
        .whenComplete((reason, failure) ->
            stopped.completeExceptionally(
                failure == null ? new IllegalStateException(reason) : failure));
    return node;
  }

  private TaskPluginEnvironment pluginEnvironment(
      EngineSettings settings, Foundation foundation, MatchableAttributes attributes)
      throws IOException {
    return new TaskPluginEnvironment(
        foundation.storage().store(),
        TaskVariables.of(settings.objects()),
        Files.createDirectories(folderOfPlugins()),
        settings.endpointForNodes().toString(),
        new StoredRecords(
            new ExecutionTables(foundation.database()),
            new ResourceTables(foundation.database()),
            attributes,
            settings.resources()),
        foundation.clock(),
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
  private void begin(TaskAssembly executors, TaskPlugins plugins, EngineSettings settings)
      throws IOException {
    if (settings.isExecutor()) {
      // Two executors on one folder would be one executor for the database.
      opened(FolderLock.acquire(folderOfPlugins()));
      executors.execute(
          plugins,
          settings.node().calls(),
          new Executor.Identity(
              NodeIdentity.load(folderOfPlugins().resolve("executor")),
              settings.endpointForNodes().toString()));
    }
    if (settings.isEngine()) {
      opened(executors.sweep()).start();
    }
  }

  private NodeMemoryLimit memoryLimit(WorkflowSettings settings) {
    var memoryLimit = new NodeMemoryLimit(settings.nodesInMemoryMax());
    meters.gauge(
        "turboprop.nodes.in.memory",
        "nodes that the executions in memory have, or have reserved",
        memoryLimit::nodes);
    meters.gauge(
        "turboprop.executions.awaiting.memory",
        "executions that wait until others leave memory (turboprop.workflow.nodes-in-memory-max)",
        memoryLimit::waiting);
    return memoryLimit;
  }

  private Retention retention(
      Foundation foundation, StoreSettings.Retention settings, TaskPlugins plugins) {
    return new Retention(
        foundation.database(),
        settings,
        WorkflowEntity::persistenceId,
        new ExecutionFiles(foundation.storage(), plugins, settings.withRawData()),
        foundation.clock());
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
      EngineSettings settings, Foundation foundation, Workflows workflows) {
    var publisher =
        TablePublisher.start(
            new BacklogWriter(
                new ProgressTables(
                    foundation.database(),
                    settings
                        .flyteAdmin()
                        .map(FlyteAdminSettings::executions)
                        .orElse(ReportedExecutions.NONE)),
                new PublicationTables(foundation.database()),
                Journal.of(new JournalTables(foundation.database())),
                foundation.plans().nodes(),
                watch,
                parent -> workflows.lookAgain(parent.execution(), parent.node()),
                settings.event(),
                foundation.clock()),
            settings.event());
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
    return EngineSettings.endpoint(config.getString("admin.host"), api.port());
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
