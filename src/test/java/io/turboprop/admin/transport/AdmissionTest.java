package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.VersionOuterClass.GetVersionRequest;
import flyteidl.core.Literals.Literal;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.admin.executions.TestingAdmin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
@Timeout(180)
class AdmissionTest {
  private static final int MEGABYTE = 1024 * 1024;
  private static final Pattern IN_FLIGHT =
      Pattern.compile("turboprop_api_in_flight_bytes ([0-9.E]+)");

  private static final String HEAD =
      "POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  @TempDir private static Path folder;
  private static TestingAdmin api;

  @BeforeAll
  static void start() throws IOException {
    api =
        new TestingAdmin(
            folder, "message-max = 2MiB, in-flight-max = 8MiB, body-stall-timeout = 1h");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void aBodyThatIsOnlyAnnouncedHoldsItsMemoryForAShortTime() throws Exception {
    try (var impatient =
        new TestingAdmin(
            folder, "message-max = 2MiB, in-flight-max = 8MiB, body-stall-timeout = 500ms")) {
      var sockets = new ArrayList<Socket>();
      for (var i = 0; i < 3; i++) {
        sockets.add(begun(impatient));
      }
      for (var socket : sockets) {
        var status = new String(socket.getInputStream().readNBytes(12), UTF_8);
        assertThat(status).isEqualTo("HTTP/1.1 504");
        socket.close();
      }
      awaitInFlight(impatient, 0);
    }
  }

  @Test
  void aBodyWithoutALengthIsWeighedAsItArrives() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      var out = socket.getOutputStream();
      out.write((HEAD + "Transfer-Encoding: chunked\r\n\r\n100000\r\n").getBytes(UTF_8));
      out.write(new byte[MEGABYTE]);
      awaitInFlight(api, 2.0 * MEGABYTE);
    }
    awaitInFlight(api, 0);
  }

  /** Each part takes some hundred bytes besides its own. */
  @Test
  void aBodyInSinglesBytesWeighsMoreThanItsBytes() throws Exception {
    var parts = 10_000;
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      var out = socket.getOutputStream();
      out.write((HEAD + "Transfer-Encoding: chunked\r\n\r\n").getBytes(UTF_8));
      out.write("1\r\nx\r\n".repeat(parts).getBytes(UTF_8));
      awaitInFlight(api, 512.0 * parts);
    }
    awaitInFlight(api, 0);
  }

  /** The body of a gRPC call never has a length. */
  @Test
  void aGrpcBodyIsWeighedAsItArrives() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      var out = socket.getOutputStream();
      var head =
          "POST /flyteidl.service.AdminService/CreateTask HTTP/1.1\r\nHost: localhost\r\n"
              + "Content-Type: application/grpc-web+proto\r\nTransfer-Encoding: chunked\r\n\r\n";
      out.write((head + "100000\r\n").getBytes(UTF_8));
      out.write(new byte[MEGABYTE]);
      awaitInFlight(api, 2.0 * MEGABYTE);
    }
    awaitInFlight(api, 0);
  }

  @Test
  void ofManyLargeBodiesAtOnceOnlyThoseThatFitAreRead() throws Exception {
    var sockets = new ArrayList<Socket>();
    for (var i = 0; i < 3; i++) {
      sockets.add(begun(api));
    }
    awaitInFlight(api, 6.0 * MEGABYTE);
    var refused = new ArrayList<Socket>();
    for (var i = 0; i < 16; i++) {
      refused.add(begun(api));
    }
    for (var socket : refused) {
      var status = new String(socket.getInputStream().readNBytes(12), UTF_8);
      assertThat(status).isEqualTo("HTTP/1.1 429");
      socket.close();
    }
    assertSmallCallsAreServedAtOnce();
    for (var socket : sockets) {
      socket.close();
    }
    awaitInFlight(api, 0);
  }

  /** A connection that has announced a body of 1 MiB and sent none of it. */
  private static Socket begun(TestingAdmin at) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), at.port());
    var head = HEAD + "Content-Length: " + MEGABYTE + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    return socket;
  }

  @Test
  void messagesThatAreLargerInMemoryThanOnTheWireAreWeighedBeforeTheyAreRead() throws Exception {
    var many = ExecutionCreateRequest.newBuilder();
    var empty = Collections.nCopies(500_000, Literal.getDefaultInstance());
    many.getInputsBuilder()
        .putLiterals(
            "x",
            Literal.newBuilder()
                .setCollection(
                    flyteidl.core.Literals.LiteralCollection.newBuilder().addAllLiterals(empty))
                .build());
    assertThatThrownBy(() -> api.admin().createExecution(many.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
              assertThat(refused.getStatus().getDescription())
                  .contains("turboprop.admin.in-flight-max");
            });
    var json =
        "{\"inputs\":{\"literals\":{\"x\":{\"collection\":{\"literals\":["
            + String.join(",", Collections.nCopies(500_000, "{}"))
            + "]}}}}}";
    assertThat(api.http("POST", "/api/v1/executions", json.getBytes(UTF_8)).statusCode())
        .isEqualTo(429);
    awaitInFlight(api, 0);
    assertSmallCallsAreServedAtOnce();
  }

  @Test
  void bodiesThatTakeLongToReadDoNotDelayOthers() throws Exception {
    var digits =
        "{\"inputs\":{\"literals\":{\"x\":{\"scalar\":{\"primitive\":{\"integer\":"
            + "9".repeat(1_900_000)
            + "}}}}}}";
    var calls = new ArrayList<Thread>();
    for (var i = 0; i < 4; i++) {
      calls.add(
          Thread.startVirtualThread(() -> {
            try {
              assertThat(
                      api.http("POST", "/api/v1/executions", digits.getBytes(UTF_8)).statusCode())
                  .isIn(400, 429);
            } catch (IOException | InterruptedException e) {
              throw new AssertionError(e);
            }
          }));
    }
    assertSmallCallsAreServedAtOnce();
    for (var call : calls) {
      call.join();
    }
    awaitInFlight(api, 0);
  }

  private static void assertSmallCallsAreServedAtOnce() {
    for (var i = 0; i < 10; i++) {
      var version =
          api.admin()
              .withDeadlineAfter(Duration.ofMinutes(1))
              .getVersion(GetVersionRequest.getDefaultInstance());
      assertThat(version).isNotNull();
    }
  }

  /**
   * Waits until about this many bytes are in flight; the request for the metric counts a little,
   * too.
   */
  private static void awaitInFlight(TestingAdmin at, double bytes) throws Exception {
    for (; ; ) {
      var figures = new String(at.http("GET", "/metrics", new byte[0]).body(), UTF_8);
      var matcher = IN_FLIGHT.matcher(figures);
      assertThat(matcher.find()).isTrue();
      if (Math.abs(Double.parseDouble(matcher.group(1)) - bytes) < 1024) {
        return;
      }
      Thread.onSpinWait();
    }
  }
}
