package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanedWorkDirectoriesTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;
  private OrphanedWorkDirectories orphanedDirectories;

  @BeforeEach
  void start() {
    orphanedDirectories =
        new OrphanedWorkDirectories(folder, DAY, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @Test
  void anOldDirectoryThatTheEngineHasNotAskedForIsDeleted() throws Exception {
    var old = directory("old", "1 2 another-boot", Duration.ofHours(25));
    var bare = directory("bare", "", Duration.ofHours(25));
    orphanedDirectories.delete();
    assertThat(old).doesNotExist();
    assertThat(bare).doesNotExist();
  }

  @Test
  void aDirectoryThatIsNotOldStays() throws Exception {
    var fresh = directory("fresh", "", Duration.ofHours(23));
    orphanedDirectories.delete();
    assertThat(fresh).exists();
  }

  @Test
  void aDirectoryWhoseProcessRunsStays() throws Exception {
    var self = LocalProcess.current(ProcessHandle.current().pid()).state().toStringUtf8();
    var running = directory("running", self, Duration.ofDays(30));
    orphanedDirectories.delete();
    assertThat(running).exists();
  }

  @Test
  void aDirectoryThatTheEngineHasAskedForStaysUntilReleased() throws Exception {
    var used = directory("used", "", Duration.ofDays(30));
    orphanedDirectories.use(new WorkDirectory(used, folder));
    orphanedDirectories.delete();
    assertThat(used).exists();
    orphanedDirectories.leave(new WorkDirectory(used, folder));
    orphanedDirectories.delete();
    assertThat(used).doesNotExist();
  }

  @Test
  void aMissingFolderIsNoError() throws Exception {
    Files.delete(folder);
    orphanedDirectories.delete();
    assertThat(folder).doesNotExist();
  }

  private Path directory(String name, String process, Duration age) throws Exception {
    var directory = Files.createDirectories(folder.resolve(name).resolve("cwd")).getParent();
    if (!process.isEmpty()) {
      Files.writeString(directory.resolve("process"), process);
    }
    Files.setLastModifiedTime(directory, FileTime.from(NOW.minus(age)));
    return directory;
  }
}
