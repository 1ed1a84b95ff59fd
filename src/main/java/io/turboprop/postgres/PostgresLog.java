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
 * What an embedded server writes its messages to. One that is too large begins anew, and the one
 * before is kept beside it.
 */
record PostgresLog(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLog.class);
  private static final long BYTES_MAX = 10 * 1024 * 1024;

  /** Before a start. */
  void beginAnew() throws IOException {
    if (isTooLarge()) {
      Files.move(file, before(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * While a server writes to it, which always appends. Keeps the end of what is there; what is
   * written in the moment between is lost.
   */
  void cut() {
    try {
      if (isTooLarge()) {
        keepEnd();
      }
    } catch (IOException e) {
      LOG.warn("{} can't be cut, and grows on", file, e);
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
