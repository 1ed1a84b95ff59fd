package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import io.turboprop.TestingEngines;
import io.turboprop.cli.Engine;
import io.turboprop.cli.EngineOptions;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three engines in one JVM that form a cluster; each test leaves three to the next one. */
@Tag("integration")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterTest {
  private static final int NODES = 3;
  private static final int EXECUTIONS = 40;
  private static final Duration STEP = Duration.ofMillis(400);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern IN_MEMORY =
      Pattern.compile("(?m)^turboprop_executions_in_memory ([0-9.]+)$");

  /** An execution takes about four seconds. */
  private static final List<Duration> STEPS = Collections.nCopies(10, STEP);

  @TempDir private static Path folder;
  private static StoreSettings database;
  private static List<Integer> remotingPorts;
  private static Identifier launchPlan;
  private static final List<Engine> engines = new ArrayList<>();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void startAllAtOnce() throws Exception {
    database = TestingDatabase.emptySettings();
    remotingPorts = new ArrayList<>(IntStream.range(0, NODES).mapToObj(_ -> freePort()).toList());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var starting =
          IntStream.range(0, NODES).<Callable<Engine>>mapToObj(node -> () -> start(node)).toList();
      for (var started : threads.invokeAll(starting)) {
        engines.add(started.get());
      }
    }
    try (var client = new EngineClient(engines.get(0))) {
      launchPlan = new EchoWorkflows(client).chain("chain", STEPS);
    }
  }

  /** All at once: none waits until its executions have moved to another. */
  @AfterAll
  static void stop() {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      engines.forEach(engine -> threads.execute(engine::close));
    }
  }

  private static Engine start(int node, Map<String, Object> others) throws Exception {
    var address = (PostgresServer.External) database.server();
    var settings = new HashMap<String, Object>();
    settings.put("turboprop.directory", folder.resolve("node-" + node).toString());
    settings.put("turboprop.data.base", folder.resolve("blobs").toString());
    settings.put("turboprop.admin.port", 0);
    settings.put("turboprop.store.server", "external");
    settings.put("turboprop.store.external.url", address.url());
    settings.put("turboprop.store.external.user", address.user());
    settings.put("turboprop.store.external.password", address.password());
    settings.put("turboprop.cluster.port", remotingPorts.get(node));
    settings.put(
        "turboprop.cluster.seeds",
        remotingPorts.stream().map(port -> "127.0.0.1:" + port).toList());
    settings.putAll(others);
    return TestingEngines.starter().start(EngineOptions.load(settings, Map.of()));
  }

  private static Engine start(int node) throws Exception {
    return start(node, Map.of());
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Engine engine, String path) {
    try {
      var address = URI.create(engine.endpoint() + path);
      return HTTP.send(
              HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static double inMemory(Engine engine) {
    var found = IN_MEMORY.matcher(text(engine, "/metrics"));
    assertThat(found.find()).isTrue();
    return Double.parseDouble(found.group(1));
  }

  private static List<String> begin(EngineClient client, String name) {
    var names = IntStream.range(0, EXECUTIONS).mapToObj(i -> name + "-" + i).toList();
    names.forEach(each -> client.create(each, launchPlan, EchoWorkflows.inputs(1)));
    return names;
  }

  /** A node that has just joined gets its share after some rounds of the coordinator. */
  private static List<String> beginUntilSomeRunOn(Engine node, EngineClient client) {
    var names = new ArrayList<String>();
    Facts.await(
        "work on the node",
        PATIENCE,
        () -> {
          if (names.isEmpty() || hasEnded(client, names.getLast())) {
            names.addAll(begin(client, "lost-" + names.size()));
          }
          return inMemory(node) > 0;
        });
    return names;
  }

  private static boolean hasEnded(EngineClient client, String name) {
    return EngineClient.isFinal(client.get(name).getClosure().getPhase());
  }

  private static void requireAllSucceeded(EngineClient client, List<String> names) {
    for (var name : names) {
      assertThat(client.awaitEnd(name).getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    }
    try (var history = History.of(database)) {
      names.forEach(history::requireEachStepOnce);
    }
  }

  @Test
  @Order(1)
  void executionsAreSpreadOverAllNodesAndSeenThroughEach() {
    try (var first = new EngineClient(engines.get(0));
        var last = new EngineClient(engines.get(2))) {
      var names = begin(first, "spread");
      Facts.await(
          "executions on every node",
          PATIENCE,
          () -> engines.stream().allMatch(engine -> inMemory(engine) > 0));
      assertThat(text(engines.get(1), "/ready")).contains("\"ready\":true");
      requireAllSucceeded(last, names);
    }
  }

  @Test
  @Order(2)
  void whatANodeThatLeavesWasRunningGoesOnElsewhere() throws Exception {
    try (var client = new EngineClient(engines.get(0))) {
      var names = begin(client, "leave");
      Facts.await("work on the node", PATIENCE, () -> inMemory(engines.get(1)) > 0);
      engines.get(1).close();
      requireAllSucceeded(client, names);
      engines.set(1, start(1, Map.of("turboprop.store.session.interval", "1h")));
    }
  }

  @Test
  @Order(3)
  void aNodeWhoseSessionHasEndedIsTakenOutAndItsExecutionsGoOn() throws Exception {
    try (var client = new EngineClient(engines.get(0))) {
      var names = beginUntilSomeRunOn(engines.get(1), client);
      endSessionOf(remotingPorts.get(1));
      assertThatThrownBy(() -> engines.get(1).stopped().toCompletableFuture().join())
          .hasMessageContaining("removed it from the cluster");
      requireAllSucceeded(client, names);
      engines.get(1).close();
      engines.set(1, start(1));
    }
  }

  @Test
  @Order(4)
  void anotherClusterIsRefused() {
    assertThatThrownBy(() ->
            start(
                0,
                Map.of(
                    "turboprop.cluster.seeds",
                    List.of("127.0.0.1:1"),
                    "turboprop.cluster.port",
                    freePort())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("in use by another cluster")
        .hasMessageContaining("127.0.0.1:" + remotingPorts.get(2));
  }

  @Test
  @Order(5)
  void anotherNumberOfShardsIsRefused() {
    assertThatThrownBy(() ->
            start(0, Map.of("turboprop.workflow.shards", 7, "turboprop.cluster.port", freePort())))
        .hasMessageContaining("turboprop.workflow.shards is 7")
        .hasMessageContaining("over 64 shards");
  }

  @Test
  @Order(6)
  void aNodeThatOnlyServesTheApiStartsNoPluginAndReachesTheExecutions() throws Exception {
    remotingPorts.add(freePort());
    try (var door = start(NODES, Map.of("turboprop.cluster.roles", List.of("door")));
        var client = new EngineClient(door)) {
      assertThat(folder.resolve("node-" + NODES + "/plugins/work")).doesNotExist();
      requireAllSucceeded(client, begin(client, "door"));
    }
  }

  /** As if the process had died, for all that the database can see. */
  private static void endSessionOf(int port) throws SQLException {
    var address = (PostgresServer.External) database.server();
    try (var connection =
            DriverManager.getConnection(address.url(), address.user(), address.password());
        var statement =
            connection.prepareStatement(
                """
                select pg_terminate_backend(pid) from pg_locks, cluster_node as node
                where locktype = 'advisory' and objsubid = 1 and node.address = ?
                  and (classid::bigint << 32) | objid::bigint = cluster_node_lock(node.id)
                """)) {
      statement.setString(1, "127.0.0.1:" + port);
      statement.execute();
    }
  }
}
