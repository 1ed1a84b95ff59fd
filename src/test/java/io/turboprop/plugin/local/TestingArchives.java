package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Code archives as clients upload them, and such as nobody should. */
final class TestingArchives {
  private TestingArchives() {}

  /** Files by name; a text that starts with {@code ->} is a symbolic link. */
  static Path tarGz(Path archive, Map<String, String> files) throws IOException {
    try (var tar =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
      for (var file : files.entrySet()) {
        add(tar, file.getKey(), file.getValue());
      }
    }
    return archive;
  }

  private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
    if (text.startsWith("->")) {
      var link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK, true);
      link.setLinkName(text.substring(2));
      tar.putArchiveEntry(link);
    } else {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      var entry = new TarArchiveEntry(name, true);
      entry.setSize(bytes.length);
      tar.putArchiveEntry(entry);
      tar.write(bytes);
    }
    tar.closeArchiveEntry();
  }
}
