package io.turboprop.admin.transport;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SerializationFormat;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.common.util.BlockingTaskExecutor;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.grpc.GrpcService;
import datacatalog.DataCatalogGrpc;
import flyteidl.service.AuthMetadataServiceGrpc;
import flyteidl.service.IdentityServiceGrpc;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one port: gRPC, gRPC-Web, REST, files, {@code /healthcheck} and {@code /metrics}.
 *
 * <p>Handlers run on virtual threads, at most {@link AdminSettings.Limits#handlers()} at the same
 * time; uploads and downloads do not count. A request that is too large is refused while it is read
 * ({@code RESOURCE_EXHAUSTED}, 413), so it costs no memory. The server answers any number of pings
 * of idle clients.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

  /** The messages of browsers are protobuf too, in frames of gRPC-Web. */
  private static final List<SerializationFormat> PROTOBUF =
      List.of(
          GrpcSerializationFormats.PROTO,
          GrpcSerializationFormats.PROTO_WEB,
          GrpcSerializationFormats.PROTO_WEB_TEXT);

  private static final String HEALTH_NAME = "flyteadmin";
  private static final int HEADER_BYTES_MAX = 64 * 1024;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private final Server server;
  private final HealthStatusManager health;
  private final Handlers handlers;
  private final CodecThreads codecs;

  private AdminServer(
      Server server, HealthStatusManager health, Handlers handlers, CodecThreads codecs) {
    this.codecs = codecs;
    this.server = server;
    this.health = health;
    this.handlers = handlers;
  }

  /**
   * Starts the server.
   *
   * @param tables the gRPC services; methods with REST paths in their protos are also served by
   *     REST
   * @param files further services by path: a path that ends with a slash, such as {@code /logs/},
   *     is the prefix of all below it; any other path, and {@code /}, is only itself
   * @param readiness answers {@code /ready}; {@code /alive} and {@code /healthcheck} only say that
   *     the server serves
   * @throws IllegalStateException when the port is taken
   */
  public static AdminServer start(
      AdminSettings settings,
      List<RpcTable> tables,
      Map<String, HttpService> files,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    var all = Stream.concat(tables.stream(), unanswered().stream()).toList();
    var calls = new Calls(metrics);
    var handlers = new Handlers(settings.limits().handlers(), settings.limits().waiting());
    var codecs = new CodecThreads();
    var health = new HealthStatusManager();
    var builder =
        Server.builder()
            .http(new InetSocketAddress(settings.address().host(), settings.address().port()))
            .maxRequestLength(settings.limits().messageBytes() + (long) HEADER_BYTES_MAX)
            .http2MaxHeaderListSize(HEADER_BYTES_MAX)
            .http1MaxHeaderSize(HEADER_BYTES_MAX)
            .requestTimeout(settings.timeouts().request())
            .idleTimeout(settings.timeouts().idle(), true)
            .gracefulShutdownTimeout(Duration.ofMillis(1), settings.timeouts().stop())
            .blockingTaskExecutor(virtualThreads(settings.limits().transfers()), true)
            .meterRegistry(metrics)
            .errorHandler(new HttpErrors())
            .unhandledExceptionsReportInterval(Duration.ZERO)
            .service(
                grpc(settings, all, new GrpcBinding(calls, handlers, codecs), health),
                StreamedBodies::new)
            .service("/healthcheck", (_, _) -> HttpResponse.of(ResponseHeaders.of(HttpStatus.OK)))
            .service("/alive", (_, _) -> HttpResponse.of(HttpStatus.OK))
            .service("/ready", (_, _) -> readiness.answer())
            .service("/metrics", (_, _) -> scrape(metrics))
            .serviceUnder("/", new Gateway(all, calls, handlers, codecs));
    files.forEach((path, service) -> {
      builder
          .route()
          .path((path.length() > 1 && path.endsWith("/") ? "prefix:" : "exact:") + path)
          // set before a service is called, because an announced length is compared with it
          .maxRequestLength(settings.limits().uploadBytes())
          .requestTimeout(settings.timeouts().transfer())
          .build(service);
    });
    var origins = settings.address().corsOrigins();
    if (!origins.isEmpty()) {
      builder.decorator(service -> cors(service, origins));
    }
    var budget = new MemoryBudget(settings.limits().inFlightBytes());
    Gauge.builder("turboprop.api.in.flight", budget, MemoryBudget::usedBytes)
        .description("memory that requests and answers under way hold, as estimated")
        .baseUnit("bytes")
        .register(metrics);
    builder.decorator(new Admission(budget, settings.timeouts().bodyStall()));
    builder.decorator(new BrowserProtection(settings.address()));
    var server = builder.build();
    listen(server, settings);
    health.setStatus(HEALTH_NAME, ServingStatus.SERVING);
    LOG.info("listening on {}:{}", settings.address().host(), server.activeLocalPort());
    return new AdminServer(server, health, handlers, codecs);
  }

  private static void listen(Server server, AdminSettings settings) {
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw new IllegalStateException(
          "can't listen on %s:%d, is another server there? %s"
              .formatted(
                  settings.address().host(),
                  settings.address().port(),
                  Exceptions.peel(e).getMessage()),
          e);
    }
  }

  /** The port on which the server listens. */
  public int port() {
    return server.activeLocalPort();
  }

  /**
   * Loads the server's classes on a thread of its own, which takes a while, so that a start can do
   * other work meanwhile.
   */
  public static void load() {
    Thread.ofPlatform()
        .daemon()
        .name("load-api")
        .start(() -> {
          Server.builder();
          GrpcService.builder();
        });
  }

  /** Accepts no new call, waits a while for the calls under way, and frees the port. */
  @Override
  public void close() {
    health.enterTerminalState();
    try {
      awaitEnd(server.stop());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    handlers.close();
    codecs.close();
  }

  /**
   * Waits until the server has no connection. Its own future would take two seconds longer, for the
   * quiet period of the accepting thread.
   */
  private void awaitEnd(CompletableFuture<Void> stopped) throws InterruptedException {
    while (!stopped.isDone() && !(server.activePorts().isEmpty() && server.numConnections() == 0)) {
      Thread.sleep(LOOK_AGAIN);
    }
  }

  /**
   * Services without functions, so that each of their methods answers {@code UNIMPLEMENTED} with
   * its name: the login services, from which clients conclude that this server has no login, and
   * the catalog, which is part of the engine.
   */
  private static List<RpcTable> unanswered() {
    return List.of(
        new RpcTable(DataCatalogGrpc.getServiceDescriptor()),
        new RpcTable(AuthMetadataServiceGrpc.getServiceDescriptor()),
        new RpcTable(IdentityServiceGrpc.getServiceDescriptor()));
  }

  private static GrpcService grpc(
      AdminSettings settings,
      List<RpcTable> tables,
      GrpcBinding binding,
      HealthStatusManager health) {
    var builder =
        GrpcService.builder()
            .maxRequestMessageLength(settings.limits().messageBytes())
            // a compressed message could be a thousand times larger than what was admitted
            .decompressorRegistry(
                DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
            // the gateway serves JSON; Armeria's JSON would generate code for every message at each
            // start
            .supportedSerializationFormats(PROTOBUF)
            // otherwise a call without a client deadline would have no deadline at all
            .useClientTimeoutHeader(false)
            .exceptionHandler((_, _, thrown, _) -> GrpcBinding.status(thrown))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    tables.forEach(table -> builder.addService(binding.definition(table)));
    return builder.build();
  }

  /**
   * Passes a body on while it arrives. The server would otherwise collect the body of a unary call
   * itself, before {@link Admission} can refuse it, in buffers that take up to four times its size.
   */
  private static final class StreamedBodies extends SimpleDecoratingHttpService {
    StreamedBodies(HttpService delegate) {
      super(delegate);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
      return unwrap().serve(context, request);
    }

    @Override
    public ExchangeType exchangeType(RoutingContext context) {
      return ExchangeType.BIDI_STREAMING;
    }
  }

  private static BlockingTaskExecutor virtualThreads(int most) {
    return BlockingTaskExecutor.of(
        new ScheduledThreadPoolExecutor(most, Thread.ofVirtual().name("transfer-", 0).factory()));
  }

  private static HttpResponse scrape(PrometheusMeterRegistry metrics) {
    return HttpResponse.of(
        HttpStatus.OK,
        MediaType.parse("text/plain; version=0.0.4; charset=utf-8"),
        metrics.scrape());
  }

  private static HttpService cors(HttpService service, List<String> origins) {
    var builder =
        origins.contains("*") ? CorsService.builderForAnyOrigin() : CorsService.builder(origins);
    return builder
        .allowRequestMethods(
            HttpMethod.GET,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.HEAD)
        .allowRequestHeaders(HttpHeaderNames.CONTENT_TYPE.toString(), "flyte-authorization")
        .build(service);
  }
}
