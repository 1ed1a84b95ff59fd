package io.turboprop.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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
   * @param trusted a folder above it that no task can replace
   * @throws DataStore.NoSpaceException when the disk is full
   * @throws IOException naming the file and the space left, when the disk refuses for another
   *     reason
   */
  void write(Path trusted, Path file, Content content) throws IOException {
    // The entries of created folders are flushed last, when the flush of the file itself has
    // already written most of them to disk.
    var changed = new ArrayList<OpenFolder>();
    try (var folder = OpenFolder.create(trusted, file.resolveSibling(""), changed)) {
      replace(folder.path(), file, content);
      flush(folder.path());
      for (var above : changed.reversed()) {
        flush(above.path());
      }
    } catch (DataStore.DataTooLargeException e) {
      throw e;
    } catch (IOException e) {
      throw told(file, e);
    } finally {
      changed.forEach(OpenFolder::close);
    }
  }

  private void replace(Path folder, Path file, Content content) throws IOException {
    var unfinished = folder.resolve("." + UUID.randomUUID() + UNFINISHED);
    try {
      fill(unfinished, content);
      Files.move(
          unfinished,
          folder.resolve(file.getName(file.getNameCount() - 1)),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** Java has no exception class for a full disk, so the system's message decides. */
  private static IOException told(Path file, IOException failure) throws IOException {
    var reason =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    var isFull = reason != null && (reason.contains("No space left") || reason.contains("quota"));
    if (failure instanceof FileSystemException && !isFull) {
      return refusal(file, failure, reason);
    }
    var message =
        "can't write %s (%d bytes left on the disk): %s"
            .formatted(file, Files.getFileStore(existing(file)).getUsableSpace(), reason);
    return isFull
        ? new DataStore.NoSpaceException(message, failure)
        : new IOException(message, failure);
  }

  /** The exception itself names the file by the handle of its folder. */
  private static FileSystemException refusal(
      Path file, IOException failure, @Nullable String reason) {
    var named =
        switch (failure) {
          case AccessDeniedException _ -> new AccessDeniedException(file.toString(), null, reason);
          case NoSuchFileException _ -> new NoSuchFileException(file.toString(), null, reason);
          default -> new FileSystemException(file.toString(), null, reason);
        };
    named.initCause(failure);
    return named;
  }

  private static Path existing(Path file) {
    return Files.exists(file) ? file : existing(file.resolveSibling(""));
  }

  /** Flushes a file that a task wrote, and its entry in the folder. */
  void sync(Path trusted, Path file) throws IOException {
    if (!durable) {
      return;
    }
    try (var channel = new UntrustedFiles(trusted).open(file)) {
      channel.force(true);
    }
    try (var folder = OpenFolder.find(trusted, file.resolveSibling(""))) {
      flush(folder.path());
    }
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

  private void flush(Path path) throws IOException {
    if (!durable) {
      return;
    }
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
