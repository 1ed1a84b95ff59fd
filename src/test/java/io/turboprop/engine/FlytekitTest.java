package io.turboprop.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Python tasks through flytekit: kill -9 of the engine while they run, which outlive it; and what
 * flytekit reads of every kind of node.
 */
@Tag("integration")
class FlytekitTest {
  private static final String VERSION = "v1";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> NAMES =
      IntStream.range(0, 4).mapToObj(number -> "gated-" + number).toList();

  @TempDir private static Path folder;
  private static Path environment;
  private static EngineProcess engine;

  @BeforeAll
  static void findFlytekit() throws IOException {
    environment = environment();
    engine = new EngineProcess(folder, "--python", environment.toString());
  }

  @BeforeEach
  void start() throws IOException {
    if (!engine.isAlive()) {
      engine.start();
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (engine != null) {
      engine.close();
    }
  }

  @Test
  void taskThatOutlivesTheEngineIsNotRunAgain() throws Exception {
    try (var client = new EngineClient(engine)) {
      register("gated");
      NAMES.forEach(name -> client.create(name, launchPlan(), inputs(name)));
      awaitBegun(NAMES.size());
      engine.kill();
      engine.start();
      client.reconnect();
      open("first");
      awaitBegun(2 * NAMES.size());
      // These end while there is nobody to be told.
      engine.kill();
      open("second");
      engine.start();
      client.reconnect();

      NAMES.forEach(name ->
          assertThat(client.awaitEnd(name).getClosure().getPhase())
              .as(name)
              .isEqualTo(Phase.SUCCEEDED));
      assertThat(begun())
          .containsExactlyInAnyOrderElementsOf(
              NAMES.stream()
                  .flatMap(name -> List.of("first " + name, "second " + name).stream())
                  .toList());
      engine.stop();
      try (var history = History.of(engine)) {
        NAMES.forEach(history::requireEachStepOnce);
      }
    }
  }

  /** Each line is a node; what is inside of it, or in the execution it has started, is below. */
  @Test
  void flytekitReadsEveryKindOfNodeInEveryOther() throws Exception {
    register("nested");

    assertThat(said(environment.resolve("bin", "python"), "nested.py", VERSION))
        .contains(
            """
            {'o0': 18}
            end-node SUCCEEDED
            n0 SUCCEEDED attempts=1
            n1 SUCCEEDED
            n2 SUCCEEDED
              n2-0-end-node SUCCEEDED
              n2-0-n0 SUCCEEDED
                n2-0-n0-0-n0-n0 SKIPPED
                n2-0-n0-0-n0-n1 SUCCEEDED
                  end-node SUCCEEDED
                  n0 SUCCEEDED attempts=1
                  n1 SUCCEEDED attempts=1
                  start-node SUCCEEDED
                n2-0-n0-0-n0-n2 SKIPPED
              n2-0-start-node SUCCEEDED
            n3 SUCCEEDED
              n3-0-dn0 SUCCEEDED attempts=1 elements=[2]
              n3-0-dn1 SUCCEEDED attempts=1
              n3-0-dn2 SUCCEEDED
                end-node SUCCEEDED
                n0 SUCCEEDED attempts=1
                n1 SUCCEEDED attempts=1
                start-node SUCCEEDED
              n3-0-dn3 SUCCEEDED
                fpjmdjpa SUCCEEDED
                n3-0-dn3-0-dn0 SUCCEEDED
                  fp6vmipa SUCCEEDED attempts=1
                  fqhvmoyq SKIPPED
                  fqlvmr4i SKIPPED
                n3-0-dn3-0-end-node SUCCEEDED
              n3-0-dn4 SUCCEEDED attempts=1
              n3-0-end-node SUCCEEDED
              n3-0-start-node SUCCEEDED
            n4 SUCCEEDED attempts=1
            start-node SUCCEEDED
            """);
  }

  /** Cache status 2 is a hit, node phase 3 a success. */
  @Test
  void usersCanRelyOnMoreThanResults() throws Exception {
    register("promises");

    assertThat(said(environment.resolve("bin", "python"), "promises.py", VERSION))
        .contains(
            """
            each_attempt_has_its_time timeout attempts=3
            conditions ['none', 'go']
            conditions ['some', 'stop']
            sizes [3145728, 11534336, 12582912]
            failure the cause n1: True deck
            cached_without_outputs  cache=2
            checkpoint_over_a_gap ['of the first attempt']
            policy_inside fails phase=3
            parallelism_of_a_child [True]
            """);
  }

  private static Path environment() {
    var environment =
        Optional.ofNullable(System.getenv("TURBOPROP_PYTHON_ENV"))
            .map(Path::of)
            .orElse(Path.of(".turboprop", "venv"))
            .toAbsolutePath();
    assumeTrue(
        Files.isExecutable(environment.resolve("bin", "pyflyte")),
        () -> "no pyflyte in " + environment + ": test skipped");
    return environment;
  }

  private void register(String module) throws Exception {
    var source = Files.createDirectories(folder.resolve("source")).resolve(module + ".py");
    try (var content = FlytekitTest.class.getResourceAsStream(module + ".py")) {
      Files.copy(content, source);
    }
    said(
        environment.resolve("bin", "pyflyte"),
        "register",
        "--version",
        VERSION,
        "--project",
        EngineClient.PROJECT,
        "--domain",
        EngineClient.DOMAIN,
        module + ".py");
  }

  /** What a program prints that succeeds as a client of the engine. */
  private String said(Path program, String... arguments) throws Exception {
    var command =
        new ProcessBuilder(
                Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList())
            .directory(folder.resolve("source").toFile())
            .redirectErrorStream(true);
    command.environment().put("FLYTE_PLATFORM_URL", "127.0.0.1:" + engine.port());
    command.environment().put("FLYTE_PLATFORM_INSECURE", "true");
    var process = command.start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static Identifier launchPlan() {
    return Identifier.newBuilder()
        .setResourceType(ResourceType.LAUNCH_PLAN)
        .setProject(EngineClient.PROJECT)
        .setDomain(EngineClient.DOMAIN)
        .setName("gated.gated")
        .setVersion(VERSION)
        .build();
  }

  private LiteralMap inputs(String name) {
    return LiteralMap.newBuilder()
        .putLiterals("folder", text(folder.toString()))
        .putLiterals("name", text(name))
        .build();
  }

  private static Literal text(String value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setStringValue(value);
    return literal.build();
  }

  private void open(String gate) throws IOException {
    Files.createFile(folder.resolve(gate));
  }

  private void awaitBegun(int tasks) {
    Facts.await(tasks + " tasks begun", PATIENCE, () -> begun().size() >= tasks);
  }

  private List<String> begun() {
    var file = folder.resolve("begun");
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
