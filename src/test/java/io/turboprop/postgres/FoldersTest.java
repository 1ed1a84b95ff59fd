package io.turboprop.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class FoldersTest {
  @TempDir private Path parent;

  @Test
  void aNewFolderIsForItsOwnerOnly() throws IOException {
    var folder = parent.resolve("around/data");
    Folders.create(folder, Folders.OWNER_ONLY);
    assertThat(permissions(folder)).isEqualTo("rwx------");
  }

  /** The usual umask takes the right to write away from all but the owner. */
  @Test
  void permissionsDoNotDependOnTheUmask() throws IOException {
    var folder = parent.resolve("open");
    Folders.create(folder, "rwxrwxrwx");
    assertThat(permissions(folder)).isEqualTo("rwxrwxrwx");
  }

  @Test
  void aFolderThatIsThereIsLeftAsItIs() throws IOException {
    var folder = Files.createDirectory(parent.resolve("chosen"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    Folders.create(folder, Folders.OWNER_ONLY);
    assertThat(permissions(folder)).isEqualTo("rwxr-x---");
  }

  private static String permissions(Path folder) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
  }
}
