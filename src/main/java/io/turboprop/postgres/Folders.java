package io.turboprop.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;

/** Creates folders with exact permissions and deletes folders with their content. */
public final class Folders {
  /** Only the owner may read, change or enter the folder. */
  public static final String OWNER_ONLY = "rwx------";

  /** As {@link #OWNER_ONLY}, but other users may pass through to a path below that they know. */
  public static final String OTHERS_PASS_THROUGH = "rwx--x--x";

  private Folders() {}

  /**
   * Creates a folder with these permissions, independent of the umask. Missing parents get the
   * system's default permissions. An existing folder stays as it is, because its owner has chosen
   * its permissions.
   *
   * @param permissions as {@code rwx------}; ignored on systems without such permissions
   */
  public static void create(Path folder, String permissions) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    var absolute = folder.toAbsolutePath();
    if (absolute.getParent() instanceof Path around) {
      Files.createDirectories(around);
    }
    if (absolute.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      var set = PosixFilePermissions.fromString(permissions);
      // The umask may remove permissions at creation, so that they are set again afterwards.
      Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(set));
      Files.setPosixFilePermissions(absolute, set);
    } else {
      Files.createDirectory(absolute);
    }
  }

  /** Deletes a folder with its content, if it exists; does not follow links. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> deepestFirst;
    try (var paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (var path : deepestFirst) {
      Files.delete(path);
    }
  }
}
