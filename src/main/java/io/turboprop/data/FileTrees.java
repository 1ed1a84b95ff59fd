package io.turboprop.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Copies, deletes and lists folders, and changes their owner. Never follows links, not even when a
 * task replaces a folder by a link while the engine works in it.
 */
public final class FileTrees {
  /**
   * The most folders of a tree that are open at once. A task can nest more folders than a process
   * may open.
   */
  private static final int DEPTH_MAX = 32;

  private static final int PATH_LENGTH_MAX = 4096;

  private FileTrees() {}

  /**
   * Copies the content of a folder into another folder, which need not be empty. The copies share
   * no files with the originals, so that a task may change them; on a file system with
   * copy-on-write, copies are cheap.
   *
   * @param from a folder that no task can change
   * @param to a folder that no task can change yet
   */
  public static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            createDirectory(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            copyFile(file, to.resolve(from.relativize(file)));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void createDirectory(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
  }

  private static void copyFile(Path from, Path to) throws IOException {
    try {
      Files.copy(from, to, LinkOption.NOFOLLOW_LINKS);
    } catch (FileAlreadyExistsException _) {
      Files.copy(from, to, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Deletes a file, or a folder with its content; does nothing if it does not exist.
   *
   * @param root a path in a folder that no task can replace
   */
  public static void delete(Path root) throws IOException {
    try (var parent = OpenFolder.find(parent(root), parent(root))) {
      delete(parent, name(root));
    } catch (NoSuchFileException _) {
      // The folder around it does not exist either.
    }
  }

  /**
   * Like {@link #delete(Path)}, for a path in a folder that tasks can change.
   *
   * @param trusted a folder above it that no task can replace
   */
  static void delete(Path trusted, Path root) throws IOException {
    try (var parent = OpenFolder.find(trusted, parent(root))) {
      delete(parent, name(root));
    } catch (NoSuchFileException _) {
      // The folder around it does not exist either.
    }
  }

  private static Path parent(Path file) {
    return file.toAbsolutePath().resolveSibling("");
  }

  private static Path name(Path file) {
    return file.getName(file.getNameCount() - 1);
  }

  /**
   * Deletes a folder with its content. Moves subfolders deeper than {@link #DEPTH_MAX} to the top
   * of the tree and deletes them there.
   */
  private static void delete(OpenFolder parent, Path name) throws IOException {
    if (!isFolder(parent, name)) {
      Files.deleteIfExists(parent.path().resolve(name));
      return;
    }
    try (var top = parent.enter(name)) {
      for (var more = true; more; ) {
        more = deleteContent(top, top, 0);
      }
    }
    Files.deleteIfExists(parent.path().resolve(name));
  }

  /**
   * @return whether a folder was moved to the top
   */
  private static boolean deleteContent(OpenFolder folder, OpenFolder top, int depth)
      throws IOException {
    var moved = false;
    try (var entries = Files.newDirectoryStream(folder.path())) {
      for (var entry : entries) {
        moved |= deleteEntry(folder, name(entry), top, depth);
      }
    }
    return moved;
  }

  private static boolean deleteEntry(OpenFolder folder, Path name, OpenFolder top, int depth)
      throws IOException {
    var path = folder.path().resolve(name);
    if (depth == DEPTH_MAX && isFolder(folder, name)) {
      Files.move(path, top.path().resolve(UUID.randomUUID().toString()));
      return true;
    }
    var moved = false;
    if (isFolder(folder, name)) {
      try (var inner = folder.enter(name)) {
        moved = deleteContent(inner, top, depth + 1);
      } catch (NoSuchFileException _) {
        // A process that is just ending has deleted its files, or has replaced the folder.
      }
    }
    Files.deleteIfExists(path);
    return moved;
  }

  private static boolean isFolder(OpenFolder parent, Path name) {
    return Files.isDirectory(parent.path().resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The files of any kind below a folder, without the folders themselves; empty if {@code folder}
   * is no folder. Files that a task deletes in the meantime are left out.
   *
   * @param trusted a folder that no task can replace: the folder itself, or one above it
   * @throws AccessDeniedException when a folder can't be read
   * @throws FileSystemException when a folder is nested so deep that its path is too long for the
   *     system
   */
  public static List<Path> files(Path trusted, Path folder) throws IOException {
    var found = new ArrayList<Path>();
    visit(trusted, folder, (path, opened) -> addFile(path, opened, found));
    return found;
  }

  /** The files and folders in a folder; empty if {@code folder} is no folder. */
  public static List<Path> entries(Path trusted, Path folder) throws IOException {
    var found = new ArrayList<Path>();
    try (var opened = OpenFolder.find(trusted, folder);
        var entries = Files.newDirectoryStream(opened.path())) {
      entries.forEach(entry -> found.add(folder.resolve(name(entry))));
    } catch (NoSuchFileException _) {
      // It has no files.
    }
    return found;
  }

  /** Like {@link #files}, without the content of folders that can't be read. */
  static List<Path> readableFiles(Path trusted, Path folder) throws IOException {
    var found = new ArrayList<Path>();
    visit(
        trusted,
        folder,
        new Visitor() {
          @Override
          public void visit(Path path, Path opened) {
            addFile(path, opened, found);
          }

          @Override
          public void denied(AccessDeniedException failure) {
            // The caller wants the others.
          }
        });
    return found;
  }

  private static void addFile(Path path, Path opened, List<Path> found) {
    if (!Files.isDirectory(opened, LinkOption.NOFOLLOW_LINKS)) {
      found.add(path);
    }
  }

  /**
   * Makes a user the owner of a file or folder; of a link itself, not of its target.
   *
   * @param trusted a folder above it that no task can replace
   */
  public static void setOwner(Path trusted, Path file, UserPrincipal owner) throws IOException {
    try (var parent = OpenFolder.find(trusted, parent(file))) {
      parent.setOwner(name(file), owner);
    }
  }

  /**
   * Makes a user the owner of a folder and of everything in it; the content of a folder comes
   * before the folder.
   *
   * @param trusted a folder above it that no task can replace
   */
  public static void setOwnerOfAll(Path trusted, Path folder, UserPrincipal owner)
      throws IOException {
    var all = new ArrayList<>(List.of(folder));
    visit(trusted, folder, (path, _) -> all.add(path));
    for (var path : all.reversed()) {
      try {
        setOwner(trusted, path, owner);
      } catch (NoSuchFileException _) {
        // A process that is just ending deletes its files.
      }
    }
  }

  private interface Visitor {
    /**
     * @param path the file's or folder's path
     * @param opened a path that leads to the same file or folder during this call, even if a task
     *     renames folders
     */
    void visit(Path path, Path opened) throws IOException;

    /** A folder can't be read. */
    default void denied(AccessDeniedException failure) throws IOException {
      throw failure;
    }
  }

  /** Visits all files and folders below a folder; a folder comes before its content. */
  private static void visit(Path trusted, Path root, Visitor visitor) throws IOException {
    var folders = new ArrayDeque<>(List.of(root));
    while (!folders.isEmpty()) {
      var folder = folders.remove();
      if (folder.toString().length() > PATH_LENGTH_MAX) {
        throw new FileSystemException(root.toString(), null, "its folders are nested too deep");
      }
      try (var opened = OpenFolder.find(trusted, folder);
          var entries = Files.newDirectoryStream(opened.path())) {
        for (var entry : entries) {
          var path = folder.resolve(name(entry));
          if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            folders.add(path);
          }
          visitor.visit(path, entry);
        }
      } catch (NoSuchFileException _) {
        // A task has deleted or replaced the folder in the meantime.
      } catch (AccessDeniedException e) {
        visitor.denied(e);
      }
    }
  }
}
