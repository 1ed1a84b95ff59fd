package io.turboprop.admin.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * The port of the API, which is bound before anything else starts, so that a start fails at once if
 * the port is taken. The port does not listen yet: connections are refused, as without a server.
 */
public final class ReservedPort implements AutoCloseable {
  private final Socket socket;

  private ReservedPort(Socket socket) {
    this.socket = socket;
  }

  /**
   * Takes a port.
   *
   * @param port 0 for any free one
   * @throws IOException when the port can't be bound, with a message for the user
   */
  public static ReservedPort of(String host, int port) throws IOException {
    var socket = new Socket();
    try {
      // otherwise connections of the previous server would still block the port
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
      return new ReservedPort(socket);
    } catch (IOException e) {
      socket.close();
      throw new IOException("can't listen on %s:%d: %s".formatted(host, port, reason(e)), e);
    }
  }

  private static String reason(IOException e) {
    var message = String.valueOf(e.getMessage());
    if (message.contains("in use")) {
      return "another server is there; stop it, or choose another port (--port, 0 for any free one)";
    }
    if (message.contains("Permission denied")) {
      return "no permission; ports below 1024 need privileges";
    }
    if (message.contains("assign requested address") || message.contains("unresolved")) {
      return "this machine has no such address (turboprop.admin.host)";
    }
    return message;
  }

  public int number() {
    return socket.getLocalPort();
  }

  /** Frees the port for the server that will listen there. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
