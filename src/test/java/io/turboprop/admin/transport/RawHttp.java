package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.regex.Pattern;

/** A minimal HTTP/1.1 client, for headers that Java's client does not let a caller set. */
final class RawHttp {
  private static final int TIMEOUT_MILLIS = 20_000;

  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");
  private static final byte[] NONE = {};

  private RawHttp() {}

  /**
   * Sends a request, and reads its answer.
   *
   * @param headers the header lines; only the length of the body is added
   */
  static Answer send(int port, String method, String path, List<String> headers, byte[] body)
      throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
      headers.forEach(line -> head.append(line).append("\r\n"));
      head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
      var request = new ByteArrayOutputStream();
      request.writeBytes(head.toString().getBytes(ISO_8859_1));
      request.writeBytes(body);
      socket.getOutputStream().write(request.toByteArray());
      return answer(socket.getInputStream(), method.equals("HEAD"));
    }
  }

  private static Answer answer(InputStream in, boolean isHeadOnly) throws IOException {
    var read = new StringBuilder();
    for (var next = in.read(); next >= 0; next = in.read()) {
      read.append((char) next);
      if (read.length() >= 4 && read.substring(read.length() - 4).equals("\r\n\r\n")) {
        break;
      }
    }
    var length = LENGTH.matcher(read);
    var body =
        length.find() && !isHeadOnly ? in.readNBytes(Integer.parseInt(length.group(1))) : NONE;
    return new Answer(
        Integer.parseInt(read.toString().split(" ")[1]),
        read.toString(),
        new String(body, ISO_8859_1));
  }

  /**
   * @param head the status line and the headers
   * @param body the body; empty when the server does not announce a length
   */
  record Answer(int status, String head, String body) {}
}
