package io.turboprop.data;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Optional;

/**
 * A folder that is held open. Its {@link #path} leads to this folder and to no other, even if a
 * task renames the folder meanwhile, or puts a link in the place of a part of its name. So the
 * engine can write and delete, as root, in folders that belong to tasks.
 *
 * <p>Links are never followed below the folder that the caller trusts. Java's {@code
 * SecureDirectoryStream} promises the same, but it opens whatever it finds, and so hangs on a named
 * pipe. On other systems than Linux a replacement after the check is not noticed; there no other
 * user runs the tasks.
 */
final class OpenFolder implements AutoCloseable {
  private final Path name;
  private final Optional<NativeOpen.Handle> handle;

  /**
   * @param name the path by which the folder was found, for messages
   * @param handle empty on systems that have none
   */
  private OpenFolder(Path name, Optional<NativeOpen.Handle> handle) {
    this.name = name;
    this.handle = handle;
  }

  /**
   * Opens an existing folder.
   *
   * @param trusted a folder that only the engine can replace; links in its own path are followed
   * @param folder this folder, or one below it
   * @throws NoSuchFileException when it is not there, or a part of its path is a link or a file
   */
  static OpenFolder find(Path trusted, Path folder) throws IOException {
    var found = open(trusted);
    for (var name : names(trusted, folder)) {
      try (var above = found) {
        found = above.enter(name);
      }
    }
    return found;
  }

  /**
   * Opens a folder, and creates it and its parents if they are missing.
   *
   * @param changed collects the folders that have got an entry, innermost last; the caller closes
   *     them
   */
  static OpenFolder create(Path trusted, Path folder, List<OpenFolder> changed) throws IOException {
    var found = open(trusted);
    for (var name : names(trusted, folder)) {
      var above = found;
      var isNew = false;
      try {
        isNew = above.createFolder(name);
        found = above.enter(name);
      } finally {
        if (isNew) {
          changed.add(above);
        } else {
          above.close();
        }
      }
    }
    return found;
  }

  private static OpenFolder open(Path trusted) throws IOException {
    return NativeOpen.isAvailable()
        ? new OpenFolder(trusted, Optional.of(NativeOpen.folder(trusted)))
        : unheld(trusted);
  }

  private static Path names(Path trusted, Path folder) {
    var names = trusted.relativize(folder);
    if (names.startsWith("..")) {
      throw new IllegalArgumentException("%s is not below %s".formatted(folder, trusted));
    }
    // An empty path has one name, which is empty; the root has none.
    return names.toString().isEmpty() ? Path.of("/") : names;
  }

  private static OpenFolder unheld(Path folder) throws NoSuchFileException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(folder.toString(), null, "it is not a folder");
    }
    return new OpenFolder(folder, Optional.empty());
  }

  /** The path of this folder; valid until this folder is closed. */
  Path path() {
    return handle.map(NativeOpen.Handle::path).orElse(name);
  }

  /**
   * Opens a folder in this folder.
   *
   * @throws NoSuchFileException when there is none of this name; a link is none
   */
  OpenFolder enter(Path child) throws IOException {
    var folder = name.resolve(child);
    return handle.isPresent()
        ? new OpenFolder(folder, Optional.of(handle.get().folder(child, folder)))
        : unheld(folder);
  }

  /** Creates a folder in this folder, and says whether it is new. */
  private boolean createFolder(Path child) throws IOException {
    var folder = path().resolve(child);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      Files.createDirectory(folder);
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    }
  }

  /**
   * Makes a user the owner of an entry of this folder; of a link, and not of its target. A file
   * with several names keeps its owner, since a task may have given a second name to a file of
   * another user.
   */
  void setOwner(Path child, UserPrincipal owner) throws IOException {
    if (handle.isEmpty()) {
      replaceOwner(name.resolve(child), owner, LinkOption.NOFOLLOW_LINKS);
      return;
    }
    try (var entry = handle.get().entry(child, name.resolve(child))) {
      replaceOwner(entry.path(), owner);
    }
  }

  private static void replaceOwner(Path file, UserPrincipal owner, LinkOption... options)
      throws IOException {
    if (Files.isDirectory(file, options)
        || Integer.valueOf(1).equals(Files.getAttribute(file, "unix:nlink", options))) {
      Files.getFileAttributeView(file, FileOwnerAttributeView.class, options).setOwner(owner);
    }
  }

  @Override
  public void close() {
    handle.ifPresent(NativeOpen.Handle::close);
  }
}
