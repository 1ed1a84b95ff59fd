package io.turboprop.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * Looks whether a process listens where a node has its remoting. The kernel closes a port together
 * with its process, so a refused connection shows that the process is gone. Silence shows nothing:
 * a network or a machine may be slow. Blocks.
 */
final class RemotingProbe {
  private static final int CONNECT_MILLIS = 500;

  /** A process that listens waits for the first words; a relay before a closed port hangs up. */
  private static final int LISTEN_MILLIS = 300;

  private RemotingProbe() {}

  /** Whether the connection is refused, or closed at once. */
  static boolean isRefused(String host, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      return hangsUp(socket);
    } catch (ConnectException _) {
      return true;
    } catch (IOException _) {
      // There is no way to the machine, or no time.
      return false;
    }
  }

  private static boolean hangsUp(Socket socket) throws IOException {
    socket.setSoTimeout(LISTEN_MILLIS);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (SocketException _) {
      return true;
    }
  }
}
