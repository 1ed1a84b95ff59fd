package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import io.turboprop.admin.executions.TestingAdmin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A page of another origin, in a real browser beside the API, tries everything that a page can try.
 * It may change nothing and read nothing. The page is {@code browser/attack.html}; it posts its
 * findings to its own server.
 */
@Tag("integration")
@Timeout(300)
class BrowserTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final int ANSWER_SECONDS = 90;

  @TempDir private Path folder;
  private TestingAdmin api;
  private HttpServer pages;
  private final CompletableFuture<String> report = new CompletableFuture<>();

  @BeforeEach
  void requireChromium() {
    assumeTrue(
        Files.isExecutable(CHROMIUM), "there is no /usr/bin/chromium (apt-get install chromium)");
  }

  private void start(String settings) throws IOException {
    api = new TestingAdmin(folder, settings);
    Files.writeString(folder.resolve("logs/task.log"), "the secret of a log");
    pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    pages.createContext(
        "/",
        exchange -> {
          var page = page().replace("PORT", String.valueOf(api.port())).getBytes(UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    pages.createContext(
        "/report",
        exchange -> {
          report.complete(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    pages.createContext("/api", this::rebind);
    pages.start();
  }

  /**
   * Forwards a request of the page to its own origin unchanged to the API. A browser does the same
   * once the page's name resolves to the API's address.
   */
  private void rebind(HttpExchange exchange) throws IOException {
    var headers = new ArrayList<String>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!name.equalsIgnoreCase("Content-Length")) {
            values.forEach(value -> headers.add(name + ": " + value));
          }
        });
    var answer =
        RawHttp.send(
            api.port(),
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            headers,
            exchange.getRequestBody().readAllBytes());
    var body = answer.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @AfterEach
  void stop() {
    if (api != null) {
      api.close();
      pages.stop(0);
    }
  }

  @Test
  void aPageOfAnotherOriginChangesNothingAndReadsNothing() throws Exception {
    start("");
    var before = projects();

    var lines = attack();

    assertThat(lines).noneMatch(line -> line.startsWith("READ"));
    assertThat(lines)
        .describedAs("the API itself refuses the page's own name")
        .contains("GET of its own name: basic 403", "POST to its own name: basic 403");
    assertThat(projects()).isEqualTo(before);
  }

  /** Shows that the other test can fail: the same page, where the settings allow everything. */
  @Test
  void theSamePageReadsAndChangesMuchWhereTheProtectionIsOff() throws Exception {
    start("cors-origins = [\"*\"], hosts = [\"*\"]");
    var before = projects();

    var lines = attack();

    assertThat(lines)
        .anyMatch(line -> line.startsWith("READ GET of its own name"))
        .anyMatch(line -> line.startsWith("READ gRPC-Web http://127.0.0.1"))
        .anyMatch(line -> line.startsWith("READ worker http://127.0.0.1"));
    assertThat(projects()).hasSizeGreaterThan(before.size());
  }

  /** What the page has tried, and what came of it. */
  private List<String> attack() throws Exception {
    var browser = browser("http://other.example:%d/".formatted(pages.getAddress().getPort()));
    try {
      var lines = report.get(ANSWER_SECONDS, TimeUnit.SECONDS).lines().toList();
      assertThat(lines).describedAs("attempts that the page made").hasSizeGreaterThan(60);
      assertThat(lines)
          .describedAs("the page could load what its own server gives, so it works")
          .contains("own page: 200");
      return lines;
    } finally {
      browser.destroyForcibly().waitFor();
    }
  }

  private List<String> projects() {
    var ids = new ArrayList<String>();
    api.admin()
        .listProjects(ProjectListRequest.getDefaultInstance())
        .getProjectsList()
        .forEach(project -> ids.add(project.getId() + project.getDescription()));
    return ids;
  }

  /** Every name except the loopback names resolves to this machine, as in DNS rebinding. */
  private Process browser(String url) throws IOException {
    return new ProcessBuilder(
            CHROMIUM.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-popup-blocking",
            "--user-data-dir=" + folder.resolve("profile"),
            "--host-resolver-rules=MAP *.example 127.0.0.1",
            "--remote-debugging-port=0",
            url)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("chromium.log").toFile())
        .start();
  }

  private static String page() throws IOException {
    try (var page = BrowserTest.class.getResourceAsStream("/browser/attack.html")) {
      return new String(page.readAllBytes(), UTF_8);
    }
  }
}
