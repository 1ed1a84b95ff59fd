package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.admin.executions.TestingAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class BrowserProtectionTest {
  private static final byte[] PROJECT = "{\"project\":{\"id\":\"other\"}}".getBytes(UTF_8);

  @TempDir private static Path folder;
  private static TestingAdmin api;

  @BeforeAll
  static void start() throws IOException {
    api = new TestingAdmin(folder, "cors-origins = [\"https://console.example\"]");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST    | /api/v1/projects                             | Origin: http://other.example
          POST    | /api/v1/projects                             | Origin: null
          POST    | /api/v1/projects                             | Origin: http://127.0.0.1:1
          POST    | /api/v1/projects                             | Origin: https://console.example:8443
          POST    | /api/v1/projects                             | Origin:
          POST    | /api/v1/projects                             | Sec-Fetch-Site: cross-site
          POST    | /api/v1/projects                             | Sec-Fetch-Site: same-site
          OPTIONS | /api/v1/projects                             | Origin: http://other.example
          GET     | /api/v1/projects                             | Origin: http://other.example
          GET     | /api/v1/projects                             | Sec-Fetch-Site: cross-site
          PUT     | /dataproxy/objects/x                         | Origin: http://other.example
          GET     | /metrics                                     | Origin: http://other.example
          GET     | /logs/x                                      | Sec-Fetch-Site: cross-site
          POST    | /flyteidl.service.AdminService/ListProjects  | Origin: http://other.example
          POST    | /flyteidl.service.AdminService/ListProjects  | Origin: null
          """)
  void aPageOfAnotherOriginIsRefused(String method, String path, String header) throws IOException {
    var answer = send(method, path, "Host: localhost", header);
    assertRefused(answer);
    assertThat(answer.head()).doesNotContainIgnoringCase("access-control-allow");
    assertNothingChanged();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/projects", "/metrics", "/healthcheck", "/logs/x", "/", "/me"})
  void anUnknownHostIsRefusedOnEveryPath(String path) throws IOException {
    for (var method : List.of("GET", "POST", "OPTIONS", "HEAD")) {
      var answer = send(method, path, "Host: other.example:80", "Origin: http://other.example:80");
      assertThat(answer.status()).isEqualTo(403);
    }
    assertThat(send("GET", path, "Host: other.example").body())
        .contains("this server is not known as [other.example]", "turboprop.admin.hosts");
    assertNothingChanged();
  }

  @Test
  void aRequestWithoutAHostIsRefused() throws IOException {
    assertThat(send("GET", "/api/v1/projects", "X: y").status()).isIn(400, 403);
    assertThat(send("GET", "/api/v1/projects", "Host:").status()).isIn(400, 403);
  }

  @Test
  void aCallOverGrpcNeedsAKnownAuthority() {
    assertThat(authorityIsServed("other.example:80")).isEqualTo("PERMISSION_DENIED");
    assertThat(authorityIsServed("localhost:80")).isEqualTo("OK");
  }

  private static String authorityIsServed(String authority) {
    var channel =
        io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder.forAddress("127.0.0.1", api.port())
            .overrideAuthority(authority)
            .usePlaintext()
            .build();
    try {
      flyteidl.service.AdminServiceGrpc.newBlockingStub(channel)
          .getVersion(flyteidl.admin.VersionOuterClass.GetVersionRequest.getDefaultInstance());
      return "OK";
    } catch (io.grpc.StatusRuntimeException refused) {
      return refused.getStatus().getCode().name();
    } finally {
      channel.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://localhost",
        "Origin: https://localhost",
        "Origin: https://console.example",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Site: none",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document"
      })
  void ownPagesConfiguredPagesAndFollowedLinksAreAnswered(String header) throws IOException {
    assertThat(send("GET", "/api/v1/projects", "Host: localhost", header).status()).isEqualTo(200);
  }

  @Test
  void aConfiguredOriginGetsAPreflightAnswer() throws IOException {
    var answer =
        send(
            "OPTIONS",
            "/api/v1/projects",
            "Host: localhost",
            "Origin: https://console.example",
            "Access-Control-Request-Method: POST");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head())
        .containsIgnoringCase("access-control-allow-origin: https://console.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "multipart/form-data; boundary=x", "text/html", "nonsense", "a/b"})
  void bodiesOfOtherTypesAreRefused(String type) throws IOException {
    var answer = send("POST", "/api/v1/projects", "Host: localhost", "Content-Type: " + type);
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.body()).contains("\"code\":3", "Content-Type");
    assertNothingChanged();
  }

  @Test
  void curlsDefaultTypeIsReadAsJsonButNotFromABrowser() throws IOException {
    var form = "Content-Type: application/x-www-form-urlencoded";
    assertThat(
            send("POST", "/api/v1/projects", "Host: localhost", form, "Referer: http://localhost/")
                .status())
        .isEqualTo(415);
    var valid = "{\"project\":{\"id\":\"curl\",\"name\":\"curl\"}}".getBytes(UTF_8);
    assertThat(
            RawHttp.send(
                    api.port(), "POST", "/api/v1/projects", List.of("Host: localhost", form), valid)
                .status())
        .isEqualTo(200);
  }

  @Test
  void aScriptInALogReachesNothing() throws IOException {
    Files.writeString(folder.resolve("logs/task.log"), "<script>fetch('/')</script>");
    var answer = send("GET", "/logs/task.log", "Host: localhost");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head().toLowerCase(java.util.Locale.ROOT))
        .contains(
            "content-security-policy: sandbox allow-scripts; default-src 'none'",
            "x-content-type-options: nosniff",
            "content-type: text/plain");
  }

  /**
   * A gRPC client reads gRPC's own status header, and takes the HTTP status for an error of the
   * transport.
   */
  private static void assertRefused(RawHttp.Answer answer) {
    if (answer.head().contains("application/grpc")) {
      assertThat(answer.head()).contains("grpc-status: 7");
    } else {
      assertThat(answer.status()).isEqualTo(403);
    }
  }

  private static void assertNothingChanged() throws IOException {
    assertThat(send("GET", "/api/v1/projects/other", "Host: localhost").status()).isEqualTo(404);
  }

  private static RawHttp.Answer send(String method, String path, String... headers)
      throws IOException {
    var lines = new ArrayList<>(List.of(headers));
    if (lines.stream().noneMatch(line -> line.startsWith("Content-Type"))) {
      lines.add(
          path.contains("flyteidl")
              ? "Content-Type: application/grpc-web+proto"
              : "Content-Type: application/json");
    }
    return RawHttp.send(api.port(), method, path, lines, PROJECT);
  }
}
