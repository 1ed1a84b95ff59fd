package io.turboprop.plugin.local;

import io.turboprop.data.FileTrees;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes orphaned work directories, which remain when an engine dies before it deletes them, or
 * when a deletion fails. A directory is orphaned if it is old, its process has ended, and this
 * engine has never asked for it. (An engine asks for the directories of all its attempts soon after
 * its start.)
 */
final class OrphanedWorkDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanedWorkDirectories.class);

  private final Path workFolder;
  private final Duration kept;
  private final Clock clock;
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  /**
   * @param kept how long a directory is kept after its last change
   */
  OrphanedWorkDirectories(Path workFolder, Duration kept, Clock clock) {
    this.workFolder = workFolder;
    this.kept = kept;
    this.clock = clock;
  }

  /** Records that the engine has asked for this directory, so that it is not orphaned. */
  void use(WorkDirectory directory) {
    inUse.add(directory.name());
  }

  /**
   * Records that the engine does not need this directory any more; if its deletion failed, it is
   * orphaned.
   */
  void leave(WorkDirectory directory) {
    inUse.remove(directory.name());
  }

  /** Deletes all orphaned directories; a failed deletion is tried again at the next call. */
  void delete() {
    try (var directories = Files.list(workFolder)) {
      directories.filter(this::isOrphaned).forEach(OrphanedWorkDirectories::delete);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("old work directories could not be deleted", e);
    }
  }

  private boolean isOrphaned(Path directory) {
    try {
      return !inUse.contains(String.valueOf(directory.getFileName()))
          && Files.getLastModifiedTime(directory).toInstant().isBefore(clock.instant().minus(kept))
          && !isRunning(directory);
    } catch (NoSuchFileException _) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** If the task has changed its process file, its directory counts as unused. */
  private static boolean isRunning(Path directory) throws IOException {
    try {
      return WorkDirectory.process(directory).filter(LocalProcess::isAlive).isPresent();
    } catch (TaskSpecificationException _) {
      return false;
    }
  }

  private static void delete(Path directory) {
    LOG.info("deleting an unused work directory: {}", directory);
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted", directory, e);
    }
  }
}
