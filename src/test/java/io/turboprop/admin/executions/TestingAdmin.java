package io.turboprop.admin.executions;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import flyteidl.service.DataProxyServiceGrpc;
import flyteidl.service.DataProxyServiceGrpc.DataProxyServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.data.LinkSigner;
import io.turboprop.admin.data.Links;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.FileRoute;
import io.turboprop.admin.transport.Readiness;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataStore;
import io.turboprop.data.FolderDataStore;
import io.turboprop.event.PlanNodes;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.store.Database;
import io.turboprop.store.PlanTables;
import io.turboprop.store.QueueTables;
import io.turboprop.store.TestingDatabase;
import io.turboprop.workflow.state.ExecutionSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The whole API over a real database and a blob store, without an engine: executions are accepted,
 * but never run. {@code CreateNodeEvent} fails as a bug would.
 */
public final class TestingAdmin implements AutoCloseable {
  final Path folder;
  public final DataStore store;
  public final TestingClock clock = new TestingClock();
  final Database database = TestingDatabase.create();
  final TestingWorkflows workflows = new TestingWorkflows();

  /** The links to the store's objects. */
  public final DataProxy data;

  private final AdminServer server;
  private final ManagedChannel channel;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** A clock that stands still until it is moved. */
  public static final class TestingClock extends Clock {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    public void pass(Duration duration) {
      now.updateAndGet(instant -> instant.plus(duration));
    }

    @Override
    public Instant instant() {
      return Objects.requireNonNull(now.get());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  public TestingAdmin(Path folder) throws IOException {
    this(folder, "");
  }

  /**
   * @param overrides the changed settings of the section turboprop.admin, as HOCON
   */
  public TestingAdmin(Path folder, String overrides) throws IOException {
    this(folder, overrides, FolderDataStore.open(folder.resolve("data"), List.of(), false));
  }

  /** An API over another blob store. */
  public TestingAdmin(Path folder, String overrides, DataStore store) throws IOException {
    this.folder = folder;
    this.store = store;
    var settings = AdminSettings.from(config(overrides));
    var signer = LinkSigner.of(settings.links().signingKey(), () -> new byte[32]);
    var links = new Links(signer, store.base(), settings.address().publicUrl(), clock);
    var definitions = Definitions.over(database, settings, 25);
    Files.createDirectories(folder.resolve("logs"));
    var storage = new BlobStorage(store, 1 << 20);
    var executions = executions(definitions, storage);
    var table = AdminService.table(definitions, executions);
    table.on(
        AdminServiceGrpc.getCreateNodeEventMethod(),
        _ -> {
          throw new IllegalArgumentException("a bug");
        });
    data = new DataProxy(links, store, executions, settings);
    server =
        AdminServer.start(
            settings,
            List.of(
                table,
                new SignalService(database, storage, workflows, definitions.lists()).table(),
                data.table()),
            Map.of(
                Links.PREFIX,
                data.transfer(),
                "/logs/",
                new FileRoute(folder.resolve("logs"), _ -> Optional.empty())),
            new Readiness(Map.of(), Runnable::run),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port())
            .usePlaintext()
            .maxInboundMessageSize(64 * 1024 * 1024)
            .build();
  }

  private static Config config(String overrides) {
    return ConfigFactory.parseString("port = 0\n" + overrides)
        .withFallback(ConfigFactory.parseResources("reference.conf").getConfig("turboprop.admin"));
  }

  private ExecutionService executions(Definitions definitions, BlobStorage storage) {
    var plans = new CompiledPlans(new PlanTables(database)::find, 1_000_000);
    return new ExecutionService(
        new ExecutionService.Environment(
            database,
            new ExecutionPlans(plans, PlanNodes.WITHOUT_DYNAMIC),
            storage,
            workflows,
            _ -> {},
            new ProjectQueue(new QueueTables(database), ProjectQueue.Limits.NONE),
            ExecutionSettings.DEFAULT,
            clock),
        definitions);
  }

  public int port() {
    return server.port();
  }

  public ManagedChannel channel() {
    return channel;
  }

  public AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel);
  }

  public DataProxyServiceBlockingStub dataProxy() {
    return DataProxyServiceGrpc.newBlockingStub(channel);
  }

  /** Sends an HTTP request; headers are names and values in turn. */
  public HttpResponse<byte[]> http(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    var uri = path.startsWith("http") ? path : "http://127.0.0.1:" + port() + path;
    var request =
        HttpRequest.newBuilder(URI.create(uri))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.close();
    server.close();
    database.close();
  }
}
