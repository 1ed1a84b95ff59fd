package io.turboprop.plugin.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks one archive into an empty folder and nowhere else: an entry that leads out of the folder
 * makes the whole archive invalid. Symbolic links that lead out, devices and the like are left out.
 */
final class Unpacking {
  private static final Logger LOG = LoggerFactory.getLogger(Unpacking.class);
  private static final int OWNER_MAY_EXECUTE = 0100;

  private final Path root;
  private final String archive;

  /**
   * @param archive the name by which error messages call it
   */
  Unpacking(Path root, String archive) {
    this.root = root;
    this.archive = archive;
  }

  void all(TarArchiveInputStream tar) throws IOException, TaskSpecificationException {
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      one(entry, tar);
    }
  }

  private void one(TarArchiveEntry entry, InputStream content)
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
      requireReallyInside(original, entry);
      Files.copy(original, target, StandardCopyOption.REPLACE_EXISTING);
    } else if (entry.isFile()) {
      writeFile(target, entry, content);
    }
  }

  /**
   * Source folders may hold links to the developer's machine; they would mean something else here.
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

  private void writeFile(Path target, TarArchiveEntry entry, InputStream content)
      throws IOException {
    Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(target, entry.getLastModifiedTime());
    if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0) {
      var permissions = EnumSet.copyOf(Files.getPosixFilePermissions(target));
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(target, permissions);
    }
  }

  /** Names alone do not tell: a link made by an earlier entry may lie on the way. */
  private void prepareParent(Path target, TarArchiveEntry entry)
      throws IOException, TaskSpecificationException {
    var parent = target.resolveSibling("");
    var existing = parent;
    while (!Files.exists(existing)) {
      existing = existing.resolveSibling("");
    }
    requireReallyInside(existing, entry);
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
      return Path.of(name);
    } catch (InvalidPathException _) {
      throw leadsOut(entry);
    }
  }

  private TaskSpecificationException leadsOut(TarArchiveEntry entry) {
    return TaskSpecificationException.badSpecification(
        "the code archive "
            + archive
            + " is refused: its entry '"
            + entry.getName()
            + "' leads out of the archive");
  }
}
