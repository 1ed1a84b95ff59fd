package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console in a real browser, on an engine of its own: runs the tests of {@code
 * src/test/console} with Playwright. {@code -Dturboprop.test.under-way=200} measures with so many
 * executions how soon a step is on the screen, and fails if that or a large graph takes too long;
 * {@code -Dturboprop.test.elements=100000} makes the large map that large; {@code
 * -Dturboprop.test.console=TEXT} runs only the tests whose names contain the text; {@code
 * -Dturboprop.test.pictures=yes} leaves pictures of the pages in {@code target/console-tests}.
 */
@Tag("integration")
final class ConsoleBrowserTest {
  private static final Path TESTS = Path.of("src", "test", "console");
  private static final Path OUTPUT = Path.of("target", "console-tests").toAbsolutePath();
  private static final long MINUTES_MAX = 20;

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
      var deletions = deletions(engine.data());
      run(
          Map.of(
              "CONSOLE_UNDER_WAY",
              System.getProperty("turboprop.test.under-way", ""),
              "CONSOLE_ELEMENTS",
              System.getProperty("turboprop.test.elements", ""),
              "CONSOLE_PICTURES",
              System.getProperty("turboprop.test.pictures", ""),
              "CONSOLE_DATA",
              engine.data().toString(),
              "CONSOLE_CONTROL",
              "http://127.0.0.1:" + deletions.getAddress().getPort(),
              "CONSOLE_ENDPOINT",
              "http://127.0.0.1:" + engine.port(),
              "CONSOLE_OUTPUT",
              OUTPUT.toString(),
              "CHROMIUM",
              chromium),
          "node",
          "node_modules/@playwright/test/cli.js",
          "test",
          "--grep",
          System.getProperty("turboprop.test.console", "."));
      deletions.stop(0);
    }
  }

  /** Takes DELETE /executions/NAME, and deletes the rows, as the retention does after a while. */
  private static HttpServer deletions(Path data) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/executions/",
        exchange -> {
          var name = exchange.getRequestURI().getPath().replaceFirst("^/executions/", "");
          try (var connection = database(data);
              var statement = connection.prepareStatement("delete from execution where name = ?")) {
            statement.setString(1, name);
            exchange.sendResponseHeaders(statement.executeUpdate() == 1 ? 200 : 404, -1);
          } catch (SQLException e) {
            throw new IOException("can't delete " + name, e);
          } finally {
            exchange.close();
          }
        });
    server.start();
    return server;
  }

  /** The PostgreSQL that the engine has started: its port is in the fourth line of its own file. */
  private static Connection database(Path data) throws IOException, SQLException {
    var folder = data.resolve("postgresql");
    var port = Files.readAllLines(folder.resolve("pgdata/postmaster.pid")).get(3).strip();
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
        "turboprop",
        Files.readString(folder.resolve("password")).strip());
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
