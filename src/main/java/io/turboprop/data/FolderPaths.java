package io.turboprop.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Resolves links and decides which files a folder store may read and write. */
final class FolderPaths {
  private final Optional<Path> root;
  private final List<Path> readable;

  /**
   * @param root the root, without links; empty if nothing may be written
   */
  FolderPaths(Optional<Path> root, List<Path> readable) {
    this.root = root;
    this.readable = readable.stream().map(folder -> folder.toAbsolutePath().normalize()).toList();
  }

  /**
   * A readable file.
   *
   * @param folder the root or one of the readable folders, links resolved
   * @param file the file in the folder; its links were resolved shortly before and may have changed
   */
  record Readable(Path folder, Path file) {}

  /**
   * The file, with links resolved, if it may be read.
   *
   * @throws NoSuchFileException when the file does not exist
   * @throws AccessDeniedException when it lies elsewhere
   */
  Readable readable(DataReference reference) throws IOException {
    var real = realPath(path(reference));
    if (isBelowRoot(real)) {
      return new Readable(root.orElseThrow(), real);
    }
    for (var folder : readable) {
      if (Files.exists(folder) && real.startsWith(folder.toRealPath())) {
        return new Readable(folder.toRealPath(), real);
      }
    }
    throw new AccessDeniedException(
        reference.uri(),
        null,
        "it lies outside of the folders of turboprop.data.base and turboprop.data.readable");
  }

  private boolean isBelowRoot(Path real) {
    return root.filter(real::startsWith).isPresent();
  }

  /**
   * The file, with the links of its folders resolved, if it may be written.
   *
   * @throws AccessDeniedException when it lies elsewhere
   */
  Path writable(DataReference reference) throws IOException {
    var path = path(reference);
    var real = withRealFolder(path);
    if (!isBelowRoot(real) || real.equals(root.orElseThrow())) {
      throw new AccessDeniedException(
          reference.uri(), null, "it does not lie below the folder of turboprop.data.base");
    }
    return real;
  }

  /** Creates a writable folder and its parents, as far as they are missing. */
  Path createFolder(DataReference reference) throws IOException {
    var folder = writable(reference);
    var changed = new ArrayList<OpenFolder>();
    try (var _ = OpenFolder.create(root(), folder, changed)) {
      return folder;
    } finally {
      changed.forEach(OpenFolder::close);
    }
  }

  /**
   * The root, without links.
   *
   * @throws IllegalStateException when nothing may be written, so that no file is {@link #writable}
   */
  Path root() {
    return root.orElseThrow(() -> new IllegalStateException("nothing may be written"));
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

  /** Whether a parent of the path is a file, so that the path can't exist. */
  private static boolean isBelowFile(Path path) {
    for (var above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.isRegularFile(above)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Resolves the links of a file's folders, as far as the folders exist; a link that is the file
   * itself stays.
   */
  private static Path withRealFolder(Path path) throws IOException {
    for (var above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.exists(above)) {
        return above.toRealPath().resolve(above.relativize(path));
      }
    }
    return path;
  }
}
