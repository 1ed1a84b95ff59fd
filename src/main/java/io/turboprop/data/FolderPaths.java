package io.turboprop.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Which files a folder store may touch, links resolved. */
final class FolderPaths {
  private final Path root;
  private final List<Path> readable;

  /**
   * @param root without links
   */
  FolderPaths(Path root, List<Path> readable) {
    this.root = root;
    this.readable = readable.stream().map(folder -> folder.toAbsolutePath().normalize()).toList();
  }

  /**
   * A file that may be read.
   *
   * @param folder the root or one of the readable folders, links resolved
   * @param file in it, links resolved as they were a moment ago
   */
  record Readable(Path folder, Path file) {}

  /**
   * The file, links resolved, if it may be read.
   *
   * @throws NoSuchFileException when it is not there
   * @throws AccessDeniedException when it lies elsewhere
   */
  Readable readable(DataReference reference) throws IOException {
    var real = realPath(path(reference));
    if (real.startsWith(root)) {
      return new Readable(root, real);
    }
    for (var folder : readable) {
      if (Files.exists(folder) && real.startsWith(folder.toRealPath())) {
        return new Readable(folder.toRealPath(), real);
      }
    }
    throw new AccessDeniedException(
        reference.uri(), null, "it lies outside of " + root + " and the readable folders");
  }

  /**
   * The file, links in the way to it resolved, if it may be written.
   *
   * @throws AccessDeniedException when it lies elsewhere
   */
  Path writable(DataReference reference) throws IOException {
    var path = path(reference);
    var real = withRealFolder(path);
    if (!real.startsWith(root) || real.equals(root)) {
      throw new AccessDeniedException(reference.uri(), null, "it does not lie below " + root);
    }
    return real;
  }

  private static Path path(DataReference reference) throws IOException {
    var text = reference.plain().uri();
    if (!text.startsWith("/")) {
      throw new AccessDeniedException(text, null, "it is no absolute path");
    }
    try {
      return Path.of(text).normalize();
    } catch (InvalidPathException e) {
      throw new AccessDeniedException(text, null, e.getReason());
    }
  }

  private static Path realPath(Path path) throws IOException {
    try {
      return path.toRealPath();
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException e) {
      if (isBelowFile(path)) {
        throw new NoSuchFileException(path.toString(), null, e.getReason());
      }
      throw e;
    }
  }

  /** Whether the way to it leads through a file, so that it can't be there. */
  private static boolean isBelowFile(Path path) {
    for (var above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.isRegularFile(above)) {
        return true;
      }
    }
    return false;
  }

  /** The links in the way to a file resolved, as far as the way is there; not that of the file. */
  private static Path withRealFolder(Path path) throws IOException {
    for (var above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.exists(above)) {
        return above.toRealPath().resolve(above.relativize(path));
      }
    }
    return path;
  }
}
