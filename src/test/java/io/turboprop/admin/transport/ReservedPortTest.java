package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ReservedPortTest {
  private static final String HOST = "127.0.0.1";

  @Test
  void aTakenPortIsRefused() throws IOException {
    try (var other = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      assertThatThrownBy(() -> ReservedPort.of(HOST, other.getLocalPort()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("can't listen on 127.0.0.1:" + other.getLocalPort())
          .hasMessageContaining("another server is there");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    assertThatThrownBy(() -> ReservedPort.of("192.0.2.1", 0))
        .hasMessageContaining("this machine has no such address");
  }

  @Test
  void afterwardsTheServerMayListenThere() throws IOException {
    int number;
    try (var port = ReservedPort.of(HOST, 0)) {
      number = port.number();
    }
    try (var server = new ServerSocket(number, 1, InetAddress.getByName(HOST))) {
      assertThat(server.getLocalPort()).isEqualTo(number);
    }
  }
}
