package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The part of a Kubernetes API server that the plugin uses, in memory, over HTTP: pods that do
 * nothing until a test sets their status. Runs until it is closed; can be stopped and started.
 */
final class TestingKubernetes implements AutoCloseable {
  private static final JsonObject CUT = new JsonObject();

  /** Paths of kinds, of namespaces and of objects that are no pods. */
  private static final Pattern OTHERS =
      Pattern.compile("/(api/v1|apis/[^/]+/[^/]+)(/namespaces(/[^/]+(/(?!pods)[a-z]+/[^/]+)?)?)?");

  /** The kinds that this server knows besides pods. */
  private static final Map<String, String> KINDS =
      Map.of(
          "/api/v1",
          """
          {name: namespaces, kind: Namespace, namespaced: false},
          {name: serviceaccounts, kind: ServiceAccount, namespaced: true},
          {name: "serviceaccounts/token", kind: TokenRequest, namespaced: true},
          {name: resourcequotas, kind: ResourceQuota, namespaced: true}
          """,
          "/apis/rbac.authorization.k8s.io/v1",
          "{name: rolebindings, kind: RoleBinding, namespaced: true}");

  private final Map<PodKey, JsonObject> pods =
      new TreeMap<>(Comparator.comparing(PodKey::namespace).thenComparing(PodKey::name));
  private final List<JsonObject> history = new ArrayList<>();
  private final List<BlockingQueue<JsonObject>> watches = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private HttpServer server;
  private final int port;
  private volatile String accepted = "Bearer t";
  private long version = 1;
  private long oldest = 0;
  private boolean answersAreLost;
  private boolean eventsAreHeldBack;
  private final Set<PodKey> kept = new HashSet<>();
  private boolean namespacesAreNeeded;
  private final Set<String> namespaces = new TreeSet<>();
  private final Map<String, JsonObject> applied = new TreeMap<>();
  private JsonObject refusal = new JsonObject();

  TestingKubernetes() throws IOException {
    server = listen(0);
    port = server.getAddress().getPort();
  }

  private HttpServer listen(int port) throws IOException {
    var listening =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
    listening.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    listening.createContext("/", this::serve);
    listening.start();
    return listening;
  }

  /** A kubeconfig for this server. */
  Path kubeconfig(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: it
        contexts: [{name: it, context: {cluster: it, user: it}}]
        clusters: [{name: it, cluster: {server: "http://127.0.0.1:%d"}}]
        users: [{name: it, user: {token: t}}]
        """
            .formatted(port));
  }

  void stop() {
    cutWatches();
    server.stop(0);
  }

  void start() throws IOException {
    server = listen(port);
  }

  @Override
  public void close() {
    stop();
  }

  /** The number of requests with a verb: create, get, list, watch, delete, patch. */
  int requests(String verb) {
    return requests.getOrDefault(verb, new AtomicInteger()).get();
  }

  synchronized List<PodKey> names() {
    return List.copyOf(pods.keySet());
  }

  synchronized JsonObject pod(PodKey key) {
    return pods.get(key);
  }

  /** Sets the status of a pod. */
  void status(PodKey key, String status) {
    change(key, pod -> pod.add("status", JsonParser.parseString(status)));
  }

  /** Changes a pod. */
  synchronized void change(PodKey key, Consumer<JsonObject> change) {
    var pod = pods.get(key).deepCopy();
    change.accept(pod);
    put(key, pod, "MODIFIED");
  }

  /** A pod that somebody else has made. */
  synchronized void add(PodKey key, String pod) {
    put(key, named(key, JsonParser.parseString(pod).getAsJsonObject()), "ADDED");
  }

  /** A pod that somebody else deletes. */
  synchronized void remove(PodKey key) {
    var pod = pods.remove(key);
    tell("DELETED", versioned(pod.deepCopy()));
    notifyAll();
  }

  /** Waits until a condition is true after a deletion. */
  synchronized void awaitDeletion(BooleanSupplier condition) throws InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      var left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("the pods are " + names());
      }
      wait(left);
    }
  }

  /** Ends all watches. */
  void cutWatches() {
    watches.forEach(watch -> watch.add(CUT));
  }

  /** Forgets what has changed, and ends all watches. */
  void forgetHistory() {
    synchronized (this) {
      oldest = version;
      history.clear();
    }
    cutWatches();
  }

  /** Only this token is good from now on. */
  void accept(String token) {
    accepted = "Bearer " + token;
  }

  /** Creations are refused from now on; with code 0 they no longer are. */
  synchronized void refuse(int code, String message) {
    refusal = status(code, "Refused", message);
  }

  /** The deletion of this pod is refused from now on. */
  synchronized void refuseDeletion(PodKey key) {
    kept.add(key);
  }

  /** Watches hear of no further changes. */
  synchronized void holdEventsBack() {
    eventsAreHeldBack = true;
  }

  /** Creations happen from now on, but their answers get lost. */
  synchronized void loseAnswers(boolean lost) {
    answersAreLost = lost;
  }

  /** Pods and other objects are refused from now on, unless their namespace was created. */
  synchronized void needNamespaces() {
    namespacesAreNeeded = true;
  }

  synchronized Set<String> namespaces() {
    return Set.copyOf(namespaces);
  }

  /** Deletes a namespace with all that was applied to it. */
  synchronized void removeNamespace(String name) {
    namespaces.remove(name);
    applied.keySet().removeIf(path -> path.contains("/namespaces/" + name + "/"));
  }

  /** The objects that were applied, by their paths. */
  synchronized Map<String, JsonObject> applied() {
    return new TreeMap<>(applied);
  }

  private static JsonObject named(PodKey key, JsonObject pod) {
    var metadata = pod.has("metadata") ? pod.getAsJsonObject("metadata") : new JsonObject();
    metadata.addProperty("namespace", key.namespace());
    metadata.addProperty("name", key.name());
    metadata.addProperty("uid", UUID.randomUUID().toString());
    metadata.addProperty("creationTimestamp", "2026-01-01T00:00:00Z");
    pod.add("metadata", metadata);
    return pod;
  }

  private JsonObject versioned(JsonObject pod) {
    pod.getAsJsonObject("metadata").addProperty("resourceVersion", Long.toString(++version));
    return pod;
  }

  private void put(PodKey key, JsonObject pod, String type) {
    pods.put(key, versioned(pod));
    tell(type, pod);
  }

  private void tell(String type, JsonObject pod) {
    var event = new JsonObject();
    event.addProperty("type", type);
    event.add("object", pod);
    history.add(event);
    if (eventsAreHeldBack) {
      return;
    }
    watches.forEach(watch -> watch.add(event));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath().split("/");
      var query = query(exchange.getRequestURI().getRawQuery());
      var method = exchange.getRequestMethod();
      if (!accepted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        answer(exchange, status(401, "Unauthorized", "Unauthorized"));
        return;
      }
      if (OTHERS.matcher(exchange.getRequestURI().getPath()).matches()) {
        answer(exchange, other(exchange));
        return;
      }
      if (path.length == 4) {
        if (query.containsKey("watch")) {
          count("watch");
          watch(exchange, Long.parseLong(query.get("resourceVersion")));
        } else {
          count("list");
          answer(exchange, list(query));
        }
        return;
      }
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var given =
          body.isEmpty() ? new JsonObject() : JsonParser.parseString(body).getAsJsonObject();
      switch (method) {
        case "POST" -> {
          count("create");
          var answer = create(path[4], given);
          if (!answersAreLost) {
            answer(exchange, answer);
          }
        }
        case "GET" -> {
          count("get");
          answer(exchange, get(new PodKey(path[4], path[6])));
        }
        case "DELETE" -> {
          count("delete");
          answer(exchange, delete(new PodKey(path[4], path[6]), given));
        }
        case "PATCH" -> {
          count("patch");
          answer(exchange, patch(new PodKey(path[4], path[6]), given));
        }
        default -> answer(exchange, status(405, "MethodNotAllowed", method));
      }
    }
  }

  /** Answers requests that are not about pods. */
  private JsonObject other(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    switch (exchange.getRequestMethod()) {
      case "GET" -> {
        count("discover");
        return KINDS.containsKey(path)
            ? JsonParser.parseString("{resources: [%s]}".formatted(KINDS.get(path)))
                .getAsJsonObject()
            : status(404, "NotFound", path + " not found");
      }
      case "POST" -> {
        count("create namespace");
        return createNamespace(JsonParser.parseString(body).getAsJsonObject());
      }
      case "PATCH" -> {
        count("apply");
        var type = exchange.getRequestHeaders().getFirst("Content-Type");
        var query = exchange.getRequestURI().getQuery();
        return type.startsWith("application/apply-patch+yaml")
                && query.equals("fieldManager=turboprop&force=true")
            ? apply(path, JsonParser.parseString(body).getAsJsonObject())
            : status(415, "UnsupportedMediaType", type + " " + query);
      }
      default -> {
        return status(405, "MethodNotAllowed", exchange.getRequestMethod());
      }
    }
  }

  private synchronized JsonObject createNamespace(JsonObject namespace) {
    var name = namespace.getAsJsonObject("metadata").get("name").getAsString();
    return namespaces.add(name) ? namespace : status(409, "AlreadyExists", name + " exists");
  }

  private synchronized JsonObject apply(String path, JsonObject object) {
    var parts = path.split("/namespaces/")[1].split("/");
    if (parts.length == 1) {
      namespaces.add(parts[0]);
    } else if (!namespaces.contains(parts[0])) {
      return status(404, "NotFound", "namespaces \"" + parts[0] + "\" not found");
    }
    if (object.has("spec") && object.getAsJsonObject("spec").has("bad")) {
      return status(422, "Invalid", "spec.bad: unknown field");
    }
    applied.put(path, object);
    return object;
  }

  private static Map<String, String> query(String raw) {
    var query = new HashMap<String, String>();
    for (var part : raw == null ? new String[0] : raw.split("&")) {
      var pair = part.split("=", 2);
      query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private void count(String verb) {
    requests.computeIfAbsent(verb, _ -> new AtomicInteger()).incrementAndGet();
  }

  private synchronized JsonObject create(String namespace, JsonObject pod) {
    if (refusal.has("code") && refusal.get("code").getAsInt() > 0) {
      return refusal;
    }
    if (namespacesAreNeeded && !namespaces.contains(namespace)) {
      return status(404, "NotFound", "namespaces \"" + namespace + "\" not found");
    }
    var key = new PodKey(namespace, pod.getAsJsonObject("metadata").get("name").getAsString());
    if (pods.containsKey(key)) {
      return status(409, "AlreadyExists", "pods \"" + key.name() + "\" already exists");
    }
    pod.add("status", JsonParser.parseString("{phase: Pending}"));
    put(key, named(key, pod), "ADDED");
    return pod;
  }

  private synchronized JsonObject get(PodKey key) {
    return pods.containsKey(key) ? pods.get(key) : status(404, "NotFound", key + " not found");
  }

  private synchronized JsonObject delete(PodKey key, JsonObject options) {
    var pod = pods.get(key);
    if (pod == null) {
      return status(404, "NotFound", key + " not found");
    }
    if (kept.contains(key)) {
      return status(403, "Forbidden", key + " may not be deleted");
    }
    var wanted = options.getAsJsonObject("preconditions").get("uid");
    if (!wanted.equals(pod.getAsJsonObject("metadata").get("uid"))) {
      return status(409, "Conflict", "another pod has this name");
    }
    remove(key);
    return pod;
  }

  private synchronized JsonObject patch(PodKey key, JsonObject patch) {
    var metadata = patch.getAsJsonObject("metadata");
    var now = pods.get(key).getAsJsonObject("metadata").get("resourceVersion");
    if (!metadata.get("resourceVersion").equals(now)) {
      return status(409, "Conflict", "the object has been modified");
    }
    change(
        key, pod -> pod.getAsJsonObject("metadata").add("finalizers", metadata.get("finalizers")));
    return pods.get(key);
  }

  private synchronized JsonObject list(Map<String, String> query) {
    var items = new JsonArray();
    var limit = Integer.parseInt(query.get("limit"));
    var after = query.getOrDefault("continue", "");
    var label = query.get("labelSelector").split("=");
    var metadata = new JsonObject();
    metadata.addProperty("resourceVersion", Long.toString(version));
    for (var entry : pods.entrySet()) {
      var labels = entry.getValue().getAsJsonObject("metadata").getAsJsonObject("labels");
      var isSelected =
          labels != null
              && labels.has(label[0])
              && labels.get(label[0]).getAsString().equals(label[1]);
      if (isSelected && entry.getKey().toString().compareTo(after) > 0) {
        items.add(entry.getValue());
        if (items.size() == limit) {
          metadata.addProperty("continue", entry.getKey().toString());
          break;
        }
      }
    }
    var list = new JsonObject();
    list.add("metadata", metadata);
    list.add("items", items);
    return list;
  }

  private void watch(HttpExchange exchange, long from) throws IOException {
    var events = new LinkedBlockingQueue<JsonObject>();
    synchronized (this) {
      if (from < oldest) {
        var event = new JsonObject();
        event.addProperty("type", "ERROR");
        event.add("object", status(410, "Expired", "too old resource version"));
        events.add(event);
        events.add(CUT);
      }
      history.stream().filter(event -> versionOf(event) > from).forEach(events::add);
      watches.add(events);
    }
    exchange.sendResponseHeaders(200, 0);
    try (var body = exchange.getResponseBody()) {
      body.flush();
      while (true) {
        var event = events.take();
        if (event == CUT) {
          return;
        }
        body.write((event + "\n").getBytes(StandardCharsets.UTF_8));
        body.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      watches.remove(events);
    }
  }

  private static long versionOf(JsonObject event) {
    return event
        .getAsJsonObject("object")
        .getAsJsonObject("metadata")
        .get("resourceVersion")
        .getAsLong();
  }

  private static JsonObject status(int code, String reason, String message) {
    var status = new JsonObject();
    status.addProperty("kind", "Status");
    status.addProperty("code", code);
    status.addProperty("reason", reason);
    status.addProperty("message", message);
    return status;
  }

  private static void answer(HttpExchange exchange, JsonObject body) throws IOException {
    var isStatus = body.has("kind") && body.get("kind").getAsString().equals("Status");
    var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(isStatus ? body.get("code").getAsInt() : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
