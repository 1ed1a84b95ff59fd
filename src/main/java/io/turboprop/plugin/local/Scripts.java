package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The scripts of this package, as files. */
record Scripts(Path worker, Path supervisor, Path guard) {

  /** Writes the scripts to a folder; a process that runs an older version is not disturbed. */
  static Scripts writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    return new Scripts(
        write("worker.py", folder), write("supervise.sh", folder), write("guard.sh", folder));
  }

  private static Path write(String name, Path folder) throws IOException {
    var draft = Files.createTempFile(folder, name, ".draft");
    try (var in = Scripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the package lacks its resource " + name);
      }
      Files.copy(in, draft, StandardCopyOption.REPLACE_EXISTING);
    }
    // Tasks read the scripts, possibly as another user.
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
    return Files.move(
        draft,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
