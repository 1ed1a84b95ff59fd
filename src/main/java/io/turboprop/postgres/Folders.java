package io.turboprop.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;

/** What the platform lacks about folders. */
public final class Folders {
  /** Only the owner may read, change or enter. */
  public static final String OWNER_ONLY = "rwx------";

  /** As {@link #OWNER_ONLY}, but others may go through to what they know the path of. */
  public static final String OTHERS_PASS_THROUGH = "rwx--x--x";

  private Folders() {}

  /**
   * Creates a folder with these permissions, whatever the umask; the folders around it are created
   * as the system does. A folder that is there is left as it is, since somebody has chosen its
   * permissions.
   *
   * @param permissions as {@code rwx------}; they are ignored where the system has none
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
      // First without more than these, then with all of them: the umask takes some away.
      Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(set));
      Files.setPosixFilePermissions(absolute, set);
    } else {
      Files.createDirectory(absolute);
    }
  }

  /** Deletes a folder with all that is in it, if it is there; does not follow links. */
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
