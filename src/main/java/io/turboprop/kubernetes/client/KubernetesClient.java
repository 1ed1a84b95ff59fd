package io.turboprop.kubernetes.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.CustomObjectsApi;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.turboprop.data.Outage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * Sends requests to a cluster's API server, within the limits of the settings, and reads the
 * answers as JSON. When the API server refuses the credentials, the client reads them again from
 * their files.
 */
public final class KubernetesClient implements AutoCloseable {
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");
  private static final int UNAUTHORIZED = 401;
  private static final int TOO_MANY_REQUESTS = 429;

  /**
   * The code with which the API server refuses a version or a page that it does not keep any more.
   */
  static final int GONE = 410;

  /** A connection is closed if it does not answer a ping for this long. */
  private static final Duration PING = Duration.ofSeconds(10);

  /** The API server ends a watch after this time at the latest; until then it sends bookmarks. */
  static final Duration WATCH = Duration.ofMinutes(4);

  private final ClusterAccess cluster;
  private final Duration timeout;
  private final Map<String, String> environment;
  private final Semaphore atOnce;
  private final RequestRate rate;
  private final RequestMeters meters;
  private volatile Connection connection;

  /** A client with its credentials, for requests and, with other timeouts, for watches. */
  private record Connection(CoreV1Api api, OkHttpClient requests, OkHttpClient watches) {}

  /** Builds a request; called again when the credentials have changed. */
  public interface Request {
    Call build(CoreV1Api api) throws ApiException;
  }

  /**
   * An answer of the API server. The body is the requested object, or a {@code Status} if the code
   * is an error.
   */
  public record Answer(int code, JsonObject body) {
    public boolean isRight() {
      return code >= 200 && code < 300;
    }

    /** The message of the {@code Status}, else the code. */
    public String message() {
      return body.has("message") ? body.get("message").getAsString() : "code " + code;
    }

    /**
     * Returns this answer, unless it is an error.
     *
     * @param otherwise the begin of the exception's message
     * @throws IOException when the answer is an error; an {@link Outage} when the API server is
     *     overloaded
     */
    public Answer orFail(String otherwise) throws IOException {
      if (code == TOO_MANY_REQUESTS) {
        throw new UnavailableException(this);
      }
      if (!isRight()) {
        throw new IOException(otherwise + ": " + message());
      }
      return this;
    }

    /** Whether the answer is an error with this reason, such as {@code AlreadyExists}. */
    public boolean isReason(String reason) {
      return body.has("reason") && body.get("reason").getAsString().equals(reason);
    }
  }

  /** Reads the lines of a watch. */
  public interface Lines {
    void read(JsonObject line) throws IOException;
  }

  /**
   * @param environment the variables of the engine's process, for {@code KUBECONFIG}
   * @throws IOException when there are no credentials
   */
  public KubernetesClient(
      ClusterAccess cluster, Map<String, String> environment, RequestMeters meters)
      throws IOException {
    this.cluster = cluster;
    this.timeout = cluster.bounds().timeout();
    this.environment = environment;
    this.atOnce = new Semaphore(cluster.bounds().atOnce());
    this.rate = new RequestRate(cluster.bounds().perSecond(), cluster.bounds().burst());
    this.meters = meters;
    this.connection = connect();
  }

  private Connection connect() throws IOException {
    var client = client();
    var http =
        client
            .getHttpClient()
            .newBuilder()
            .pingInterval(PING)
            .connectTimeout(timeout)
            .retryOnConnectionFailure(true);
    return new Connection(
        new CoreV1Api(client),
        http.readTimeout(timeout).callTimeout(timeout).build(),
        http.readTimeout(WATCH.plus(timeout)).callTimeout(Duration.ZERO).build());
  }

  private ApiClient client() throws IOException {
    // A context can only come from a kubeconfig.
    if (cluster.kubeconfig().isEmpty()
        && cluster.context().isEmpty()
        && Files.exists(SERVICE_ACCOUNT)) {
      return ClientBuilder.cluster().build();
    }
    var file = kubeconfig();
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      var config = KubeConfig.loadKubeConfig(reader);
      config.setFile(file.toFile());
      if (!cluster.context().isEmpty() && !config.setContext(cluster.context())) {
        throw new IOException(
            "%s has no context '%s' (%s.context)"
                .formatted(file, cluster.context(), cluster.section()));
      }
      return ClientBuilder.kubeconfig(config).build();
    }
  }

  private Path kubeconfig() throws IOException {
    var given =
        cluster.kubeconfig().isEmpty()
            ? environment.getOrDefault("KUBECONFIG", "")
            : cluster.kubeconfig();
    var file =
        given.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".kube", "config")
            : Path.of(given);
    if (!Files.isReadable(file)) {
      throw new IOException(
          "there is no kubeconfig %s; name one in %s.kubeconfig"
              .formatted(file, cluster.section()));
    }
    return file;
  }

  /**
   * Sends a request.
   *
   * @param verb the Kubernetes verb, for metrics
   * @throws IOException when the API server does not answer, or can't serve requests now: both are
   *     an {@link Outage}
   */
  public Answer send(String verb, Request request) throws IOException {
    acquire();
    try {
      var used = connection;
      var answer = send(verb, request, used);
      if (answer.code() != UNAUTHORIZED) {
        return available(answer);
      }
      renew(used);
      answer = send(verb, request, connection);
      if (answer.code() == UNAUTHORIZED) {
        throw new IOException("the API server does not take the credentials: " + answer.message());
      }
      return available(answer);
    } finally {
      atOnce.release();
    }
  }

  private void acquire() throws InterruptedIOException {
    try {
      atOnce.acquire();
      rate.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before a request to the Kubernetes API");
    }
  }

  private Answer send(String verb, Request request, Connection used) throws IOException {
    var call = build(request, used.api());
    var started = System.nanoTime();
    try (var response = execute(used.requests().newCall(call.request()))) {
      meters.answered(verb, response.code(), System.nanoTime() - started);
      return new Answer(response.code(), json(response));
    } catch (IOException e) {
      meters.failed(verb, System.nanoTime() - started);
      throw new NoAnswerException(e);
    }
  }

  /** The HTTP client is written in Kotlin, and throws InterruptedException without declaring it. */
  private static Response execute(Call call) throws IOException {
    try {
      return call.execute();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("interrupted in a request to the Kubernetes API").initCause(e);
    }
  }

  private static Call build(Request request, CoreV1Api api) throws IOException {
    try {
      return request.build(api);
    } catch (ApiException e) {
      throw new IOException("a request to the Kubernetes API cannot be made", e);
    }
  }

  private static JsonObject json(Response response) throws IOException {
    var text = response.body().string();
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException _) {
      var status = new JsonObject();
      status.addProperty("message", text);
      return status;
    }
  }

  /**
   * Throws if the API server answers but can't serve, for instance because etcd or a webhook is
   * down.
   */
  private static Answer available(Answer answer) throws IOException {
    if (answer.code() >= 500) {
      throw new UnavailableException(answer);
    }
    return answer;
  }

  /** A request got no answer: no connection, a broken one, or a time-out. */
  public static final class NoAnswerException extends IOException implements Outage {
    private static final long serialVersionUID = 1L;

    NoAnswerException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /**
   * The API server answers that it can't serve a request now; refusals of etcd arrive as such
   * answers, too.
   */
  public static final class UnavailableException extends IOException implements Outage {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    UnavailableException(Answer answer) {
      super("the API server answers with code %d: %s".formatted(answer.code(), answer.message()));
      this.answer = answer;
    }

    public Answer answer() {
      return answer;
    }
  }

  /**
   * Reads the credentials again. If several requests are refused at the same time, only the first
   * does so.
   */
  @SuppressWarnings("ReferenceEquality")
  private synchronized void renew(Connection refused) throws IOException {
    if (connection == refused) {
      connection = connect();
      close(refused);
    }
  }

  /** Whether the account of this client has a permission. */
  public boolean allows(Permission permission) throws IOException {
    var answer =
        send(
                "create",
                api ->
                    new CustomObjectsApi(api.getApiClient())
                        .createClusterCustomObject(
                            "authorization.k8s.io",
                            "v1",
                            "selfsubjectaccessreviews",
                            permission.review())
                        .buildCall(null))
            .orFail("the API server does not say what the account may do");
    return answer.body().getAsJsonObject("status").get("allowed").getAsBoolean();
  }

  /** The time of the API server, in whole seconds. */
  public Instant serverTime() throws IOException {
    var used = connection;
    var call =
        build(api -> new VersionApi(api.getApiClient()).getCode().buildCall(null), used.api());
    try (var response = execute(used.requests().newCall(call.request()))) {
      var date = response.headers().getInstant("Date");
      if (date == null) {
        throw new IOException("the API server does not say what time it is");
      }
      return date;
    }
  }

  /**
   * A request to patch an object in a given format; the generated client always sends a JSON patch.
   *
   * @param call the request of the generated client
   * @param format one of the constants of {@code V1Patch}
   */
  public static Call patch(CoreV1Api api, Call call, String format, JsonElement patch) {
    var body = RequestBody.create(patch.toString(), MediaType.get(format));
    return api.getApiClient()
        .getHttpClient()
        .newCall(call.request().newBuilder().method("PATCH", body).build());
  }

  /**
   * Sends a watch and passes its lines on until the API server ends it. Blocks.
   *
   * @return the answer if it is an error; empty after the last line
   */
  public Optional<Answer> watch(Request request, Lines lines) throws IOException {
    var used = connection;
    var call = used.watches().newCall(build(request, used.api()).request());
    try (var response = execute(call)) {
      meters.answered("watch", response.code(), 0);
      if (response.code() == UNAUTHORIZED) {
        renew(used);
      }
      if (!response.isSuccessful()) {
        return Optional.of(new Answer(response.code(), json(response)));
      }
      read(response.body().source(), lines);
      return Optional.empty();
    }
  }

  private static void read(BufferedSource source, Lines lines) throws IOException {
    for (var line = source.readUtf8Line(); line != null; line = source.readUtf8Line()) {
      try {
        lines.read(JsonParser.parseString(line).getAsJsonObject());
      } catch (JsonParseException e) {
        throw new IOException("the API server sends what is no JSON", e);
      }
    }
  }

  @Override
  public void close() {
    close(connection);
  }

  private static void close(Connection used) {
    for (var client : new OkHttpClient[] {used.requests(), used.watches()}) {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
