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

/** Code archives for tests, as clients upload them, and hostile ones. */
final class TestingArchives {
  private static final int ZEROS_MEGABYTES = 200;

  private TestingArchives() {}

  /** An archive of files by name; a text that starts with {@code ->} is a symbolic link. */
  static Path tarGz(Path archive, Map<String, String> files) throws IOException {
    try (var tar =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
      addAll(tar, files);
    }
    return archive;
  }

  /** The same without compression. */
  static Path tar(Path archive, Map<String, String> files) throws IOException {
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(archive))) {
      addAll(tar, files);
    }
    return archive;
  }

  private static void addAll(TarArchiveOutputStream tar, Map<String, String> files)
      throws IOException {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    for (var file : files.entrySet()) {
      add(tar, file.getKey(), file.getValue());
    }
  }

  /**
   * An archive with this many zeros, as a file or as an entry of an unknown kind. The content after
   * the first megabytes is never read, so only the header declares it.
   */
  static Path zeros(Path archive, long sizeBytes, boolean asOneFile) throws IOException {
    var kind = asOneFile ? TarConstants.LF_NORMAL : TarConstants.LF_CONTIG + 1;
    return oneEntry(archive, (byte) kind, sizeBytes, ZEROS_MEGABYTES);
  }

  /** An archive of a file whose name has this many megabytes. */
  static Path longName(Path archive, int megabytes) throws IOException {
    var sizeBytes = megabytes * 1024L * 1024;
    return oneEntry(archive, TarConstants.LF_GNUTYPE_LONGNAME, sizeBytes, megabytes);
  }

  private static Path oneEntry(Path archive, byte kind, long sizeBytes, int megabytes)
      throws IOException {
    try (var packed = new GZIPOutputStream(Files.newOutputStream(archive))) {
      var entry = new TarArchiveEntry("zeros", kind, true);
      entry.setSize(sizeBytes);
      var header = new byte[TarConstants.DEFAULT_RCDSIZE];
      entry.writeEntryHeader(header);
      packed.write(header);
      var block = new byte[1024 * 1024];
      for (var written = 0; written < megabytes; written++) {
        packed.write(block);
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
