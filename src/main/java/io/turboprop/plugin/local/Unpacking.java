package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks an archive into an empty folder and nowhere else. An archive is invalid if an entry leads
 * out of the folder, can't be read, or exceeds a bound. Symbolic links that lead out, devices and
 * similar entries are left out.
 */
final class Unpacking {
  private static final Logger LOG = LoggerFactory.getLogger(Unpacking.class);
  private static final int OWNER_MAY_EXECUTE = 0100;
  private static final int BUFFER_BYTES = 64 * 1024;

  /** Linux's limit on paths, minus the length of an attempt's folders. */
  private static final int NAME_BYTES_MAX = 2048;

  private static final int PART_BYTES_MAX = 255;

  /** The largest header of an entry: its names, times and owners. */
  private static final int HEADER_BYTES_MAX = 1024 * 1024;

  private final Path root;
  private final String archive;
  private final Limits limits;
  private long linkedBytes;

  /**
   * The limits of an archive.
   *
   * @param sizeBytesMax the size of all unpacked files together
   * @param entriesMax the number of files, folders and links
   */
  record Limits(long sizeBytesMax, int entriesMax) {}

  /**
   * @param archive the archive's name in error messages
   */
  Unpacking(Path root, String archive, Limits limits) {
    this.root = root;
    this.archive = archive;
    this.limits = limits;
  }

  /**
   * Unpacks the whole archive.
   *
   * @param packed the archive as stored
   * @throws TaskSpecificationException when the archive is refused; files that are already unpacked
   *     stay
   * @throws IOException when the folder can't be written to
   */
  void all(InputStream packed) throws IOException, TaskSpecificationException {
    try (var content = new ArchiveContent(packed, limits.sizeBytesMax());
        var tar = new TarArchiveInputStream(content)) {
      var entries = 0;
      for (var entry = next(content, tar); entry != null; entry = next(content, tar)) {
        if (++entries > limits.entriesMax()) {
          throw refused(
              "it has more than %d entries (turboprop.plugins.local.code-entries-max)"
                  .formatted(limits.entriesMax()));
        }
        unpack(entry, tar);
      }
    } catch (EntryUnreadableException e) {
      throw refused(e.reason());
    } catch (ArchiveContent.NoArchiveException | ZipException | EOFException e) {
      throw refused(reason(e));
    }
  }

  /** An entry can't be read because of the archive, not because of the disk. */
  private static final class EntryUnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    EntryUnreadableException(Exception cause) {
      super(cause);
    }

    String reason() {
      return Unpacking.reason(getCause());
    }
  }

  private static String reason(@Nullable Throwable cause) {
    if (cause != null && cause.getCause() != null) {
      return reason(cause.getCause());
    }
    return cause instanceof EOFException || cause == null || cause.getMessage() == null
        ? "it ends too early"
        : cause.getMessage();
  }

  private static @Nullable TarArchiveEntry next(ArchiveContent content, TarArchiveInputStream tar)
      throws EntryUnreadableException {
    try {
      content.grant(HEADER_BYTES_MAX);
      var entry = tar.getNextEntry();
      content.grant(Long.MAX_VALUE);
      return entry;
    } catch (IOException | IllegalArgumentException e) {
      throw new EntryUnreadableException(e);
    }
  }

  private void unpack(TarArchiveEntry entry, TarArchiveInputStream content)
      throws IOException, TaskSpecificationException {
    try {
      one(entry, content);
    } catch (DirectoryNotEmptyException | FileAlreadyExistsException _) {
      throw contradiction(entry);
    }
  }

  private void one(TarArchiveEntry entry, TarArchiveInputStream content)
      throws IOException, TaskSpecificationException {
    var target = within(entry.getName(), entry);
    if (target.equals(root)) {
      return;
    }
    prepareParent(target, entry);
    if (entry.isDirectory()) {
      Files.createDirectories(target);
    } else if (entry.isSymbolicLink()) {
      writeLink(target, entry);
    } else if (entry.isLink()) {
      var original = within(entry.getLinkName(), entry);
      copyLinked(original, target, entry);
    } else if (entry.isFile()) {
      writeFile(target, entry, content);
    } else {
      transfer(content, OutputStream.nullOutputStream());
    }
  }

  private void copyLinked(Path original, Path target, TarArchiveEntry entry)
      throws IOException, TaskSpecificationException {
    if (!Files.isRegularFile(original)) {
      throw refused(
          "its entry '%s' is a link to '%s', which is no file before it"
              .formatted(entry.getName(), entry.getLinkName()));
    }
    requireReallyInside(original, entry);
    linkedBytes += Files.size(original);
    if (linkedBytes > limits.sizeBytesMax()) {
      throw refused(
          "its links stand for more than %d bytes (turboprop.plugins.local.code-size-max)"
              .formatted(limits.sizeBytesMax()));
    }
    Files.copy(original, target, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Source folders may hold links to files of the developer's machine; on this machine the links
   * would mean something else.
   */
  private void writeLink(Path target, TarArchiveEntry entry)
      throws IOException, TaskSpecificationException {
    var link = path(entry.getLinkName(), entry);
    var resolved = target.resolveSibling(link).normalize();
    if (link.isAbsolute() || !resolved.startsWith(root)) {
      LOG.warn("{}: left out the link '{}' to '{}'", archive, entry.getName(), link);
      return;
    }
    Files.deleteIfExists(target);
    Files.createSymbolicLink(target, link);
  }

  private static void writeFile(Path target, TarArchiveEntry entry, TarArchiveInputStream content)
      throws IOException {
    Files.deleteIfExists(target);
    try (var out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      transfer(content, out);
    }
    Files.setLastModifiedTime(target, entry.getLastModifiedTime());
    if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0) {
      var permissions = EnumSet.copyOf(Files.getPosixFilePermissions(target));
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(target, permissions);
    }
  }

  private static void transfer(TarArchiveInputStream content, OutputStream out) throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    for (var count = read(content, buffer); count >= 0; count = read(content, buffer)) {
      out.write(buffer, 0, count);
    }
  }

  private static int read(TarArchiveInputStream content, byte[] buffer)
      throws EntryUnreadableException {
    try {
      return content.read(buffer);
    } catch (IOException e) {
      throw new EntryUnreadableException(e);
    }
  }

  /** The check resolves links, since a link of an earlier entry may be a part of the path. */
  private void prepareParent(Path target, TarArchiveEntry entry)
      throws IOException, TaskSpecificationException {
    var parent = target.resolveSibling("");
    var existing = parent;
    while (!Files.exists(existing)) {
      existing = existing.resolveSibling("");
    }
    requireReallyInside(existing, entry);
    if (!Files.isDirectory(existing)) {
      throw contradiction(entry);
    }
    Files.createDirectories(parent);
  }

  private void requireReallyInside(Path path, TarArchiveEntry entry)
      throws IOException, TaskSpecificationException {
    if (!path.toRealPath().startsWith(root.toRealPath())) {
      throw leadsOut(entry);
    }
  }

  private Path within(String name, TarArchiveEntry entry) throws TaskSpecificationException {
    var path = path(name, entry);
    var resolved = root.resolve(path).normalize();
    if (path.isAbsolute() || !resolved.startsWith(root)) {
      throw leadsOut(entry);
    }
    return resolved;
  }

  private Path path(String name, TarArchiveEntry entry) throws TaskSpecificationException {
    try {
      var path = Path.of(name);
      if (bytes(name) > NAME_BYTES_MAX || hasLongPart(path)) {
        throw refused("an entry has a name of %d bytes".formatted(bytes(name)));
      }
      return path;
    } catch (InvalidPathException _) {
      throw leadsOut(entry);
    }
  }

  private static boolean hasLongPart(Path path) {
    for (var part : path) {
      if (bytes(part.toString()) > PART_BYTES_MAX) {
        return true;
      }
    }
    return false;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private TaskSpecificationException contradiction(TarArchiveEntry entry) {
    return refused(
        "its entry '%s' and an entry before it make the same path a file and a folder"
            .formatted(entry.getName()));
  }

  private TaskSpecificationException leadsOut(TarArchiveEntry entry) {
    return refused("its entry '%s' leads out of the archive".formatted(entry.getName()));
  }

  private TaskSpecificationException refused(String reason) {
    return TaskSpecificationException.badSpecification(
        "the code archive %s is refused: %s".formatted(archive, reason));
  }
}
