package io.turboprop.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Writes files whole or not at all: a file is written under a temporary name in the same folder,
 * flushed to disk, and renamed; then the folder is flushed. A crash before the rename leaves a
 * temporary file, which {@link #isUnfinished} recognizes and no reader opens.
 */
final class DurableFiles {
  private static final String UNFINISHED = ".unfinished";
  private final boolean durable;

  DurableFiles(boolean durable) {
    this.durable = durable;
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file.
   *
   * @throws DataStore.NoSpaceException when the disk is full
   * @throws IOException naming the file and the space left, when the disk refuses for another
   *     reason
   */
  void write(Path file, Content content) throws IOException {
    var folder = file.resolveSibling("");
    var unfinished = folder.resolve("." + UUID.randomUUID() + UNFINISHED);
    List<Path> created;
    try {
      created = createFolder(folder);
      fill(unfinished, content);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (DataStore.DataTooLargeException e) {
      throw e;
    } catch (IOException e) {
      throw told(file, e);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    flush(folder);
    for (var above : created) {
      flush(above.resolveSibling(""));
    }
  }

  /** Java has no exception class for a full disk, so the system's message decides. */
  private static IOException told(Path file, IOException failure) throws IOException {
    var reason =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    var isFull = reason != null && (reason.contains("No space left") || reason.contains("quota"));
    if (failure instanceof FileSystemException && !isFull) {
      return failure;
    }
    var message =
        "can't write %s (%d bytes left on the disk): %s"
            .formatted(file, Files.getFileStore(existing(file)).getUsableSpace(), reason);
    return isFull
        ? new DataStore.NoSpaceException(message, failure)
        : new IOException(message, failure);
  }

  private static Path existing(Path file) {
    return Files.exists(file) ? file : existing(file.resolveSibling(""));
  }

  /** Flushes a file that a task wrote, and its entry in the folder. */
  void sync(UntrustedFiles files, Path file) throws IOException {
    if (!durable) {
      return;
    }
    try (var channel = files.open(file)) {
      channel.force(true);
    }
    flush(file.resolveSibling(""));
  }

  static boolean isUnfinished(Path file) {
    return file.toString().endsWith(UNFINISHED);
  }

  private void fill(Path file, Content content) throws IOException {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(Channels.newOutputStream(channel));
      if (durable) {
        channel.force(true);
      }
    }
  }

  /**
   * Creates a folder and its missing parents.
   *
   * @return the created folders, innermost first. Their entries are flushed last, when the flush of
   *     the file itself has already written most of them to disk
   */
  private static List<Path> createFolder(Path folder) throws IOException {
    var missing = new ArrayList<Path>();
    for (var above = folder; !Files.isDirectory(above); above = above.resolveSibling("")) {
      missing.add(above);
    }
    for (var path : missing.reversed()) {
      try {
        Files.createDirectory(path);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(path)) {
          throw e;
        }
      }
    }
    return missing;
  }

  private void flush(Path path) throws IOException {
    if (!durable) {
      return;
    }
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
