package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class RemotingProbeTest {
  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  private static boolean isRefused(int port) {
    return RemotingProbe.isRefused("127.0.0.1", port);
  }

  @Test
  void aClosedPortRefuses() throws IOException {
    var server = listen();
    server.close();
    assertThat(isRefused(server.getLocalPort())).isTrue();
  }

  @Test
  void aProcessThatListensOrStandsStillDoesNotRefuse() throws IOException {
    try (var server = listen()) {
      assertThat(isRefused(server.getLocalPort())).isFalse();
    }
  }

  @Test
  void aRelayBeforeAClosedPortHangsUp() throws IOException {
    try (var relay = listen()) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              relay.accept().close();
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(isRefused(relay.getLocalPort())).isTrue();
    }
  }

  @Test
  void anUnknownHostShowsNothing() {
    assertThat(RemotingProbe.isRefused("no-such-host.invalid", 1)).isFalse();
  }
}
