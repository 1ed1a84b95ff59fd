package io.turboprop.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log file of an embedded server. A log that is too large is replaced by an empty one, and the
 * previous log is kept beside it.
 */
record PostgresLog(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLog.class);
  private static final long BYTES_MAX = 10 * 1024 * 1024;

  /** Replaces a log that is too large, before the server starts. */
  void beginAnew() throws IOException {
    if (isTooLarge()) {
      Files.move(file, before(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Cuts a log that is too large while the server appends to it. The end of the log is kept. Lines
   * that the server writes between the copy and the cut are lost, which harms nothing but the log.
   */
  void cut() {
    try {
      if (isTooLarge()) {
        keepEnd();
      }
    } catch (IOException e) {
      LOG.warn("{} can't be cut and continues to grow", file, e);
    }
  }

  private void keepEnd() throws IOException {
    try (var log = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var kept =
            FileChannel.open(
                before(),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      var end = log.size();
      for (var from = end - BYTES_MAX; from < end; ) {
        from += log.transferTo(from, end - from, kept);
      }
      log.truncate(0);
    }
  }

  private boolean isTooLarge() throws IOException {
    return Files.exists(file) && Files.size(file) > BYTES_MAX;
  }

  private Path before() {
    return file.resolveSibling(file.getFileName() + ".1");
  }
}
