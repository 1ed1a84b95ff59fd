package io.turboprop.plugin.local;

import io.turboprop.data.FileTrees;
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
 * Deletes work directories that no attempt needs any more: an engine died before it could delete
 * them, or a deletion failed. They are old, their process is gone, and this engine, which looks at
 * all its attempts soon after it has started, has never asked for them.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Path workFolder;
  private final Duration kept;
  private final Clock clock;
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  /**
   * @param kept how long a directory is left alone since anything was put into it
   */
  Leftovers(Path workFolder, Duration kept, Clock clock) {
    this.workFolder = workFolder;
    this.kept = kept;
    this.clock = clock;
  }

  /** The engine has asked for this directory: it is no leftover. */
  void use(WorkDirectory directory) {
    inUse.add(directory.name());
  }

  /** The engine is done with this directory: if it is still there, it becomes a leftover. */
  void leave(WorkDirectory directory) {
    inUse.remove(directory.name());
  }

  /** Deletes them all; what can't be deleted is left for the next time. */
  void delete() {
    try (var directories = Files.list(workFolder)) {
      directories.filter(this::isLeftover).forEach(Leftovers::delete);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("old work directories could not be deleted", e);
    }
  }

  private boolean isLeftover(Path directory) {
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

  /** A task that has changed what says so has no claim to its directory. */
  private static boolean isRunning(Path directory) throws IOException {
    try {
      return WorkDirectory.process(directory).filter(LocalProcess::isAlive).isPresent();
    } catch (TaskSpecificationException _) {
      return false;
    }
  }

  private static void delete(Path directory) {
    LOG.info("deleting a work directory that nobody has asked for: {}", directory);
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      LOG.warn("{} could not be deleted", directory, e);
    }
  }
}
