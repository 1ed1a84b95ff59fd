package io.turboprop.plugin.local;

import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Keeps log files small. A task writes its log files itself, so that it can outlive the engine. The
 * engine cuts a file that has grown too large while the task is writing: the last half stays, after
 * a line that reports the cut. Lines that the task writes during the cut may be lost.
 */
final class LogFiles {
  private static final byte[] NOTE =
      "[the log got too long: its beginning is not kept]\n".getBytes(StandardCharsets.UTF_8);

  private LogFiles() {}

  /**
   * Cuts a file that is larger than a number of bytes to about half of that.
   *
   * <p>The task has opened the file for appending, so its next line is written at the new end.
   */
  static void cut(Path file, long sizeBytesMax) throws IOException {
    try (var channel = files(file).openForUpdate(file)) {
      var size = channel.size();
      if (size <= sizeBytesMax) {
        return;
      }
      var end = read(channel, size - sizeBytesMax / 2, (int) (sizeBytesMax / 2));
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(NOTE), 0);
      channel.write(end, NOTE.length);
    } catch (NoSuchFileException | NotRegularFileException _) {
      // The task has printed nothing yet, or has replaced the file.
    }
  }

  /** The last bytes of a file as text; empty when there is no such file. */
  static String tail(Path file, int sizeBytesMax) throws IOException {
    try {
      return files(file).tail(file, sizeBytesMax).toStringUtf8();
    } catch (NoSuchFileException | NotRegularFileException _) {
      return "";
    }
  }

  private static UntrustedFiles files(Path file) {
    return new UntrustedFiles(file.resolveSibling(""));
  }

  private static ByteBuffer read(FileChannel channel, long start, int sizeBytesMax)
      throws IOException {
    var bytes = ByteBuffer.allocate(sizeBytesMax);
    while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {
      // A read may return fewer bytes than requested.
    }
    return bytes.flip();
  }
}
