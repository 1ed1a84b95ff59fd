package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EventStreamTest {
  private static final Duration BETWEEN_HEARTBEATS = Duration.ofMillis(50);

  private static final Duration AT_ONCE = Duration.ofMinutes(1);

  /** More than the kernel keeps for a client on loopback. */
  private static final String LARGE = "x".repeat(32 << 20);

  private final CompletableFuture<EventStream> opened = new CompletableFuture<>();
  private Server server;

  @BeforeEach
  void serve() {
    server =
        Server.builder()
            .idleTimeout(Duration.ZERO)
            .gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO)
            .http(new InetSocketAddress("127.0.0.1", 0))
            .service(
                "/events",
                (context, _) -> {
                  var stream = EventStream.open(context, BETWEEN_HEARTBEATS);
                  opened.complete(stream);
                  return stream.response();
                })
            .build();
    server.start().join();
  }

  @AfterEach
  void stop() {
    // its future would take two seconds, for the quiet period of the accepting thread
    server.closeAsync();
  }

  @Test
  void theStreamOfAClientThatReadsGoesOn() throws Exception {
    try (var client = client()) {
      var in = client.getInputStream();
      var read = new StringBuilder();
      while (read.toString().split("event: beat", -1).length <= EventStream.BEATS_MISSED_MAX + 2) {
        read.append(new String(in.readNBytes(1), StandardCharsets.UTF_8));
      }
      assertThat(opened.get().ended().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void theStreamOfAClientThatDoesNotReadEnds() throws Exception {
    try (var _ = client()) {
      var stream = opened.get(60, TimeUnit.SECONDS);
      var _ = stream.send("large", LARGE);
      assertThat(stream.ended().toCompletableFuture()).failsWithin(AT_ONCE);
    }
  }

  @Test
  void anEndedStreamNeedsNoReader() throws Exception {
    try (var _ = client()) {
      var stream = opened.get(60, TimeUnit.SECONDS);
      var _ = stream.send("large", LARGE);
      stream.abort();
      assertThat(stream.ended().toCompletableFuture()).failsWithin(AT_ONCE);
    }
  }

  /** A client that has asked and reads nothing by itself. */
  private Socket client() throws IOException {
    var client = new Socket();
    client.setReceiveBufferSize(16 << 10);
    client.connect(new InetSocketAddress("127.0.0.1", server.activeLocalPort()));
    client
        .getOutputStream()
        .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    return client;
  }
}
