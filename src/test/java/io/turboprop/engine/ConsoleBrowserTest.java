package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console in a real browser, on an engine of its own: runs the tests of {@code
 * src/test/console} with Playwright. Leaves screenshots in {@code target/console-tests}.
 */
@Tag("integration")
final class ConsoleBrowserTest {
  private static final Path TESTS = Path.of("src", "test", "console");
  private static final Path OUTPUT = Path.of("target", "console-tests").toAbsolutePath();
  private static final long MINUTES_MAX = 8;

  @TempDir Path folder;

  @Test
  void theConsoleWorksInABrowser() throws Exception {
    var chromium = onThePath("chromium");
    assumeTrue(!chromium.isEmpty(), "there is no chromium on the PATH");
    assumeTrue(!onThePath("npm").isEmpty(), "there is no npm on the PATH");
    assumeTrue(
        ConsoleBrowserTest.class.getResource("/console/index.html") != null,
        "the console is not built; Maven builds it, or node build.mjs in src/main/console");
    Files.createDirectories(OUTPUT);
    if (!Files.exists(TESTS.resolve("node_modules/.package-lock.json"))) {
      run(Map.of(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
    }
    try (var engine = new EngineProcess(folder).start()) {
      run(
          Map.of(
              "CONSOLE_ENDPOINT",
              "http://127.0.0.1:" + engine.port(),
              "CONSOLE_OUTPUT",
              OUTPUT.toString(),
              "CHROMIUM",
              chromium),
          "node",
          "node_modules/@playwright/test/cli.js",
          "test");
    }
  }

  /** Runs a program in the folder of the tests; its output is in the message if it fails. */
  private static void run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var log = OUTPUT.resolve("output.log");
    var builder =
        new ProcessBuilder(command)
            .directory(TESTS.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    var process = builder.start();
    try {
      var ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0)
          .as(() -> String.join(" ", command) + ":\n" + text(log))
          .isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no output: " + e.getMessage();
    }
  }

  private static String onThePath(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse("");
  }
}
