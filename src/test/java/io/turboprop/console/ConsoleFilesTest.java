package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConsoleFilesTest {
  private static final Server SERVER =
      Server.builder()
          .http(0)
          .serviceUnder("/console/", new ConsoleFiles("/console-page/"))
          .serviceUnder("/unbuilt/", new ConsoleFiles("/no-such-folder/"))
          .build();

  static {
    SERVER.start().join();
  }

  @AfterAll
  static void stop() {
    // its future would take two seconds, for the quiet period of the accepting thread
    SERVER.closeAsync();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/",
        "/console/projects/p/domains/d/executions/a.b",
        "/console/projects/p/domains/d/workflow/flows.chain/version/v1"
      })
  void everyPathOfThePageAnswersWithThePage(String path) throws Exception {
    var answer = get(path, "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("<title>page</title>");
    assertThat(header(answer, "content-security-policy")).startsWith("default-src 'self'; ");
    assertThat(header(answer, "x-content-type-options")).isEqualTo("nosniff");
    assertThat(header(answer, "cache-control")).isEqualTo("no-cache");
  }

  @Test
  void aFileWithItsHashInItsNameIsKeptForEver() throws Exception {
    var answer = get("/console/assets/a-1.js", "");
    assertThat(answer.body()).isEqualTo("script");
    assertThat(header(answer, "content-type")).contains("javascript");
    assertThat(header(answer, "cache-control")).contains("immutable");
  }

  @Test
  void aClientGetsTheCodingThatItAcceptsIfThereIsOne() throws Exception {
    assertThat(get("/console/", "gzip, br").body()).isEqualTo("packed by br");
    assertThat(get("/console/", "gzip").body()).contains("page");
    assertThat(get("/console/assets/a-1.js", "br, gzip").body()).isEqualTo("packed by gz");
    assertThat(get("/console/assets/a-1.js", "gzip;q=0").body()).isEqualTo("script");
  }

  @Test
  void aPageThatHasNotChangedIsNotSentAgain() throws Exception {
    var tag = header(get("/console/", ""), "etag");
    var request = request("/console/").header("If-None-Match", tag).build();
    assertThat(send(request).statusCode()).isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/console/assets/none.js", "/console/assets/../index.html.br", "/console/assets/"})
  void otherFilesAreNotThere(String path) throws Exception {
    assertThat(get(path, "").body()).doesNotContain("packed");
  }

  @Test
  void aBuildWithoutTheConsoleSaysSo() throws Exception {
    var answer = get("/unbuilt/", "");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("this build has no console").contains("npm");
  }

  private static HttpResponse<String> get(String path, String codings) throws Exception {
    var request = request(path);
    return send(
        codings.isEmpty() ? request.build() : request.header("Accept-Encoding", codings).build());
  }

  private static HttpRequest.Builder request(String path) {
    var address = "http://127.0.0.1:%d%s".formatted(SERVER.activeLocalPort(), path);
    return HttpRequest.newBuilder(URI.create(address));
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
