package io.turboprop.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turboprop.doctor.Finding.Verdict;
import io.turboprop.kubernetes.TestingFlyteWorkflows;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.store.ClusterTables;
import io.turboprop.store.ClusterTables.NewNode;
import io.turboprop.store.Database;
import io.turboprop.store.ServerReport;
import io.turboprop.store.Sharing;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mistake of an operator, and the sentence that says what to do. */
@Tag("integration")
class DoctorTest {
  private static final String SEEDS = "turboprop.cluster.seeds";

  private final StoreSettings store = TestingDatabase.settings();
  private final PostgresServer.External server = (PostgresServer.External) store.server();

  @TempDir private Path folder;

  private List<Finding> examine(Map<String, ?> settings) throws IOException {
    return Doctor.examine(
        ConfigFactory.parseMap(settings)
            .withFallback(rightSettings())
            .withFallback(ConfigFactory.load())
            .resolve()
            .getConfig("turboprop"));
  }

  private Config rightSettings() throws IOException {
    return ConfigFactory.parseMap(
        Map.of(
            "turboprop.data.base", folder.resolve("data").toString(),
            "turboprop.admin.port", freePort(),
            "turboprop.cluster.port", freePort(),
            "turboprop.store.server", "external",
            "turboprop.store.external.url", server.url(),
            "turboprop.store.external.user", server.user(),
            "turboprop.store.external.password", server.password()));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<String> problems(List<Finding> findings) {
    return texts(findings, Verdict.PROBLEM);
  }

  private static List<String> texts(List<Finding> findings, Verdict verdict) {
    return findings.stream()
        .filter(finding -> finding.verdict() == verdict)
        .map(Finding::text)
        .toList();
  }

  private static void assertOneProblem(List<Finding> findings, String... parts) {
    assertThat(problems(findings)).singleElement().asString().contains(parts);
  }

  @Test
  void nothingIsWrongWithRightSettings() throws IOException {
    var findings = examine(Map.of());
    assertThat(findings).extracting(Finding::verdict).containsOnly(Verdict.OK);
    assertThat(findings)
        .extracting(Finding::subject)
        .contains(
            "settings", "database", "clock", "tables", "blob store", "links", "cluster", "port");
    try (var left = Files.walk(folder.resolve("data"))) {
      assertThat(left).noneMatch(Files::isRegularFile);
    }
  }

  @Test
  void aWrongSettingIsNamed() throws IOException {
    assertOneProblem(
        examine(Map.of("turboprop.cluster.roles", List.of("door", "window"))),
        "turboprop.cluster.roles",
        "window");
  }

  @Test
  void aSeedThatDoesNotAnswerIsNamed() throws IOException {
    assertOneProblem(
        examine(Map.of(SEEDS, List.of("127.0.0.1:1"))),
        "nothing answers at 127.0.0.1:1",
        "turboprop.cluster.seeds");
  }

  @Test
  void theFirstSeedMayWaitForTheOthers() throws IOException {
    var port = freePort();
    var findings =
        examine(
            Map.of(
                SEEDS,
                List.of("127.0.0.1:" + port, "127.0.0.1:1"),
                "turboprop.cluster.port",
                port));
    assertThat(problems(findings)).isEmpty();
    assertThat(texts(findings, Verdict.WARNING))
        .anyMatch(text -> text.startsWith("nothing answers at 127.0.0.1:1:"));
  }

  @Test
  void anotherClusterOnTheDatabaseIsNamed() throws IOException {
    try (var database = Database.open(store, Sharing.CLUSTER)) {
      enter(database);
      var port = freePort();
      assertOneProblem(
          examine(Map.of(SEEDS, List.of("127.0.0.1:" + port), "turboprop.cluster.port", port)),
          "another cluster uses the database, with the nodes a:1");
    }
  }

  private static void enter(Database database) {
    var tables = new ClusterTables(database);
    var id =
        tables.register(new NewNode("a:1", Set.of("a:1"), Set.of("engine"), "1", "http://a:2"));
    tables.enter(id, (_, _) -> true);
  }

  @Test
  void theEmbeddedDatabaseIsNotForACluster() throws IOException {
    var port = freePort();
    assertOneProblem(
        examine(
            Map.of(
                SEEDS,
                List.of("127.0.0.1:" + port),
                "turboprop.cluster.port",
                port,
                "turboprop.store.server",
                "embedded")),
        "the embedded PostgreSQL serves one engine",
        "turboprop.store.server = external");
  }

  @Test
  void anotherNumberOfShardsIsNamedWithBothNumbers() throws IOException {
    try (var database = Database.open(store)) {
      new ClusterTables(database).shards(64);
    }
    assertOneProblem(
        examine(Map.of("turboprop.workflow.shards", 32)), "is 32", "64 shards: set it to 64");
  }

  @Test
  void aClockThatDiffersIsAWarning() {
    var findings = new ArrayList<Finding>();
    DatabaseExamination.clock(
        new ServerReport(
            "17",
            Map.of(),
            1,
            Duration.ofHours(-1),
            0,
            OptionalInt.empty(),
            Optional.empty(),
            List.of()),
        findings);
    assertThat(texts(findings, Verdict.WARNING))
        .singleElement()
        .asString()
        .startsWith("the clock of this machine is 3600 s behind the database's");
  }

  @Test
  void aFolderThatTheNodesDoNotShareIsNamed() throws IOException {
    try (var database = Database.open(store, Sharing.CLUSTER)) {
      new ClusterTables(database).blobStore(UUID::randomUUID);
    }
    var port = freePort();
    assertOneProblem(
        examine(Map.of(SEEDS, List.of("127.0.0.1:" + port), "turboprop.cluster.port", port)),
        "is not the blob store of the other nodes",
        "turboprop.data.base");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    var file = Files.createFile(folder.resolve("file"));
    assertOneProblem(
        examine(Map.of("turboprop.data.base", file.resolve("blobs").toString())),
        file.toString(),
        "turboprop.data.base");
  }

  @Test
  void aWrongPasswordIsNamedWithItsSetting() throws IOException {
    assertOneProblem(
        examine(Map.of("turboprop.store.external.password", "wrong")),
        "refuses the user",
        "TURBOPROP_DATABASE_PASSWORD");
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsNamed() throws IOException {
    assertOneProblem(
        examine(Map.of("turboprop.store.external.url", "jdbc:postgresql://127.0.0.1:1/turboprop")),
        "PostgreSQL can't be reached at jdbc:postgresql://127.0.0.1:1/turboprop");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertOneProblem(
          examine(Map.of("turboprop.admin.port", taken.getLocalPort())),
          "127.0.0.1:" + taken.getLocalPort() + " can't be opened",
          "turboprop.admin.port");
    }
  }

  @Test
  void whatTheAccountMayNotDoAtTheKubernetesApiIsNamed() throws IOException {
    try (var cluster = new TestingFlyteWorkflows()) {
      var settings =
          Map.of(
              "turboprop.kubernetes.enabled",
              true,
              "turboprop.kubernetes.kubeconfig",
              cluster.kubeconfig(folder).toString(),
              "turboprop.plugins.pod.kubeconfig",
              cluster.kubeconfig(folder).toString(),
              "turboprop.tasks.default-plugin",
              "pod");
      cluster.deny("watch pods", "patch flyteworkflows");

      assertThat(problems(examine(settings)))
          .hasSize(3)
          .anyMatch(text -> text.contains("may not watch pods, which tasks as pods need"))
          .anyMatch(text -> text.contains("may not patch flyteworkflows.flyte.lyft.com, which"))
          .anyMatch(text -> text.contains("kubectl apply -f deploy/helm/turboprop/crds"));
    }
  }

  @Test
  void eachClusterOfTasksIsExamined() throws IOException {
    try (var own = new TestingFlyteWorkflows();
        var other = new TestingFlyteWorkflows()) {
      other.deny("watch pods");
      var findings =
          examine(
              Map.of(
                  "turboprop.plugins.pod.kubeconfig",
                  own.kubeconfig(Files.createDirectory(folder.resolve("own"))).toString(),
                  "turboprop.plugins.pod.clusters.gpu.kubeconfig",
                  other.kubeconfig(Files.createDirectory(folder.resolve("gpu"))).toString(),
                  "turboprop.plugins.pod.clusters.gone.kubeconfig",
                  "/does/not/exist",
                  "turboprop.tasks.default-plugin",
                  "pod"));

      assertThat(problems(findings))
          .hasSize(2)
          .anyMatch(text ->
              text.contains("may not watch pods, which tasks as pods of the cluster gpu need"))
          .anyMatch(text ->
              text.contains("there is no kubeconfig /does/not/exist")
                  && text.contains("turboprop.plugins.pod.clusters.gone.kubeconfig"));
    }
  }

  @Test
  void clusterThatDoesNotAnswerIsAProblem() throws IOException {
    assertThat(
            problems(
                examine(
                    Map.of(
                        "turboprop.kubernetes.enabled",
                        true,
                        "turboprop.kubernetes.kubeconfig",
                        folder.resolve("none").toString()))))
        .singleElement()
        .asString()
        .contains("no kubeconfig", "turboprop.kubernetes.kubeconfig");
  }
}
