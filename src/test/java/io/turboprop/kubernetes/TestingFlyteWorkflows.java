package io.turboprop.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The part of a Kubernetes API server that the engine uses, in memory, over HTTP: FlyteWorkflow
 * resources with versions, finalizers, JSON patches and watches. Runs until it is closed.
 */
public final class TestingFlyteWorkflows implements AutoCloseable {
  private static final JsonObject CUT = new JsonObject();

  private final Map<String, JsonObject> resources = new TreeMap<>();
  private final List<JsonObject> history = new ArrayList<>();
  private final List<BlockingQueue<JsonObject>> watches = new CopyOnWriteArrayList<>();
  private final Map<String, List<JsonObject>> statuses = new HashMap<>();
  private final Set<String> denied = new HashSet<>();
  private final HttpServer server;
  private long version = 1;
  private long oldest;
  private int bytesMax = Integer.MAX_VALUE;
  private boolean isDefined;

  public TestingFlyteWorkflows() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  /** A kubeconfig for this server. */
  public Path kubeconfig(Path folder) throws IOException {
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
            .formatted(server.getAddress().getPort()));
  }

  /** Whether the kind of resource is known. */
  public synchronized boolean isDefined() {
    return isDefined;
  }

  /** Creates a resource, as {@code namespace/name} of its metadata says. */
  public synchronized void create(JsonObject document) {
    var resource = document.deepCopy();
    var metadata = resource.getAsJsonObject("metadata");
    metadata.addProperty("uid", UUID.randomUUID().toString());
    metadata.addProperty("creationTimestamp", "2026-01-01T00:00:00Z");
    put(resource, "ADDED");
  }

  /** Deletes a resource, which stays as long as it has finalizers. */
  public synchronized void delete(String name) {
    var resource = resources.get(name).deepCopy();
    resource.getAsJsonObject("metadata").addProperty("deletionTimestamp", "2026-01-02T00:00:00Z");
    put(resource, "MODIFIED");
  }

  /** A resource by {@code namespace/name}. */
  public synchronized Optional<JsonObject> find(String name) {
    return Optional.ofNullable(resources.get(name)).map(JsonObject::deepCopy);
  }

  /** All different statuses that a resource of this name has had, in their order. */
  public synchronized List<JsonObject> statuses(String name) {
    return List.copyOf(statuses.getOrDefault(name, List.of()));
  }

  /** Forgets what has changed, and ends all watches. */
  public synchronized void forgetHistory() {
    oldest = version;
    history.clear();
    watches.forEach(watch -> watch.add(CUT));
  }

  /** Denies permissions, as {@code list pods}. */
  public synchronized void deny(String... permissions) {
    denied.addAll(List.of(permissions));
  }

  /** Refuses documents that are larger. */
  public synchronized void limit(int bytes) {
    bytesMax = bytes;
  }

  private static String name(JsonObject resource) {
    var metadata = resource.getAsJsonObject("metadata");
    return metadata.get("namespace").getAsString() + "/" + metadata.get("name").getAsString();
  }

  /** Stores a state of a resource, or removes it if it was deleted and nothing holds it. */
  private void put(JsonObject resource, String type) {
    var metadata = resource.getAsJsonObject("metadata");
    metadata.addProperty("resourceVersion", Long.toString(++version));
    var name = name(resource);
    if (resource.has("status")) {
      var seen = statuses.computeIfAbsent(name, _ -> new ArrayList<>());
      if (seen.isEmpty() || !seen.getLast().equals(resource.get("status"))) {
        seen.add(resource.getAsJsonObject("status").deepCopy());
      }
    }
    if (metadata.has("deletionTimestamp") && ObservedResource.finalizers(metadata).isEmpty()) {
      resources.remove(name);
      tell("DELETED", resource);
    } else {
      resources.put(name, resource);
      tell(isSelected(resource) ? type : "DELETED", resource);
    }
  }

  private static boolean isSelected(JsonObject resource) {
    var metadata = resource.getAsJsonObject("metadata");
    return !ObservedResource.text(
            ObservedResource.object(metadata, "labels"), ResourceSettings.TERMINATION)
        .equals(ResourceSettings.TERMINATED);
  }

  private void tell(String type, JsonObject resource) {
    var event = new JsonObject();
    event.addProperty("type", type);
    event.add("object", resource.deepCopy());
    history.add(event);
    watches.forEach(watch -> watch.add(event));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      var query = query(exchange.getRequestURI().getRawQuery());
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (path.endsWith("/customresourcedefinitions")) {
        answer(exchange, define());
      } else if (path.endsWith("/selfsubjectaccessreviews")) {
        answer(exchange, review(JsonParser.parseString(body).getAsJsonObject()));
      } else if (path.startsWith("/version")) {
        answer(exchange, new JsonObject());
      } else if (path.endsWith("/namespaces") || path.endsWith("/pods")) {
        answer(exchange, JsonParser.parseString("{items: []}").getAsJsonObject());
      } else if (query.containsKey("watch")) {
        watch(exchange, Long.parseLong(query.get("resourceVersion")));
      } else if (path.endsWith("/flyteworkflows")) {
        answer(exchange, list());
      } else {
        var parts = path.split("/");
        var name = parts[5] + "/" + parts[7];
        answer(
            exchange,
            exchange.getRequestMethod().equals("PATCH")
                ? patch(name, JsonParser.parseString(body).getAsJsonArray())
                : find(name).orElseGet(() -> status(404, name + " not found")));
      }
    }
  }

  private static Map<String, String> query(String raw) {
    var query = new HashMap<String, String>();
    for (var part : raw == null ? new String[0] : raw.split("&")) {
      var pair = part.split("=", 2);
      query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private synchronized JsonObject review(JsonObject review) {
    var asked = review.getAsJsonObject("spec").getAsJsonObject("resourceAttributes");
    var name = asked.get("verb").getAsString() + " " + asked.get("resource").getAsString();
    var status = new JsonObject();
    status.addProperty("allowed", !denied.contains(name));
    review.add("status", status);
    return review;
  }

  private synchronized JsonObject define() {
    var answer = isDefined ? status(409, "it exists") : new JsonObject();
    isDefined = true;
    return answer;
  }

  private synchronized JsonObject list() {
    if (!isDefined) {
      return status(404, "404 page not found");
    }
    var items = new JsonArray();
    resources.values().stream()
        .filter(TestingFlyteWorkflows::isSelected)
        .map(JsonObject::deepCopy)
        .forEach(items::add);
    var metadata = new JsonObject();
    metadata.addProperty("resourceVersion", Long.toString(version));
    var list = new JsonObject();
    list.add("metadata", metadata);
    list.add("items", items);
    return list;
  }

  private synchronized JsonObject patch(String name, JsonArray operations) {
    if (!resources.containsKey(name)) {
      return status(404, name + " not found");
    }
    var resource = resources.get(name).deepCopy();
    for (var element : operations) {
      var operation = element.getAsJsonObject();
      var path = operation.get("path").getAsString().substring(1).split("/");
      var parent = resource;
      for (int i = 0; i < path.length - 1; i++) {
        parent = parent.getAsJsonObject(path[i]);
      }
      var value = operation.get("value");
      if (operation.get("op").getAsString().equals("add")) {
        parent.add(path[path.length - 1], value);
      } else if (!value.equals(parent.get(path[path.length - 1]))) {
        return status(422, "the server rejected our request: testing a value failed");
      }
    }
    if (resource.toString().length() > bytesMax) {
      return status(500, "etcdserver: request is too large");
    }
    put(resource, "MODIFIED");
    return resource;
  }

  private void watch(HttpExchange exchange, long from) throws IOException {
    var events = new LinkedBlockingQueue<JsonObject>();
    synchronized (this) {
      if (from < oldest) {
        answer(exchange, status(410, "too old resource version"));
        return;
      }
      history.stream().filter(event -> version(event) > from).forEach(events::add);
      watches.add(events);
    }
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      for (var event = events.take(); event != CUT; event = events.take()) {
        out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      watches.remove(events);
    }
  }

  private static long version(JsonObject event) {
    JsonElement version =
        event.getAsJsonObject("object").getAsJsonObject("metadata").get("resourceVersion");
    return version.getAsLong();
  }

  private static JsonObject status(int code, String message) {
    var status = new JsonObject();
    status.addProperty("kind", "Status");
    status.addProperty("code", code);
    status.addProperty("message", message);
    return status;
  }

  private static void answer(HttpExchange exchange, JsonObject answer) throws IOException {
    var isStatus = answer.has("code") && answer.has("message");
    var bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(isStatus ? answer.get("code").getAsInt() : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    watches.forEach(watch -> watch.add(CUT));
    server.stop(0);
  }
}
