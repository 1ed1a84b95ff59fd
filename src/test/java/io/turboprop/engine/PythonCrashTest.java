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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the engine while Python tasks run, which outlive it. */
@Tag("integration")
class PythonCrashTest {
  private static final String MODULE = "gated";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> NAMES =
      IntStream.range(0, 10).mapToObj(number -> "gated-" + number).toList();

  @TempDir private Path folder;

  @Test
  void taskThatOutlivesTheEngineIsNotRunAgain() throws Exception {
    var environment = environment();
    try (var engine = new EngineProcess(folder, "--python", environment.toString()).start();
        var client = new EngineClient(engine)) {
      register(environment, engine);
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

  private void register(Path environment, EngineProcess engine) throws Exception {
    var source = Files.createDirectories(folder.resolve("source")).resolve(MODULE + ".py");
    try (var module = PythonCrashTest.class.getResourceAsStream(MODULE + ".py")) {
      Files.copy(module, source);
    }
    var pyflyte =
        new ProcessBuilder(
                environment.resolve("bin", "pyflyte").toString(),
                "register",
                "--version",
                "v1",
                "--project",
                EngineClient.PROJECT,
                "--domain",
                EngineClient.DOMAIN,
                MODULE + ".py")
            .directory(source.getParent().toFile())
            .redirectErrorStream(true);
    pyflyte.environment().put("FLYTE_PLATFORM_URL", "127.0.0.1:" + engine.port());
    pyflyte.environment().put("FLYTE_PLATFORM_INSECURE", "true");
    var process = pyflyte.start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static Identifier launchPlan() {
    return Identifier.newBuilder()
        .setResourceType(ResourceType.LAUNCH_PLAN)
        .setProject(EngineClient.PROJECT)
        .setDomain(EngineClient.DOMAIN)
        .setName(MODULE + ".gated")
        .setVersion("v1")
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
