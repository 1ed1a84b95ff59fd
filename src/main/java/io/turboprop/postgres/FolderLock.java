package io.turboprop.postgres;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Restricts a folder to one process by a lock of the operating system on the file {@code lock}. The
 * lock ends with the process, even if the process is killed. The file holds the process id.
 */
public final class FolderLock implements AutoCloseable {
  private static final int PID_BYTES_MAX = 32;

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws StoreException when another process, or another part of this process, has the lock
   */
  public static FolderLock acquire(Path folder) throws IOException {
    var channel = FileChannel.open(folder.resolve("lock"), CREATE, READ, WRITE);
    try {
      if (!tryLock(channel)) {
        throw new StoreException(
            "%s is in use by process %s: stop that process, or choose another folder"
                .formatted(folder, read(channel)));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)));
      channel.force(true);
      return new FolderLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether any process has the lock, this process included. */
  static boolean isHeld(Path folder) throws IOException {
    if (!Files.exists(folder.resolve("lock"))) {
      return false;
    }
    try (var channel = FileChannel.open(folder.resolve("lock"), READ, WRITE)) {
      return !tryLock(channel);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      // The locked byte is beyond the text, so that other processes can read the text even where
      // locks are mandatory.
      return channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    var buffer = ByteBuffer.allocate(PID_BYTES_MAX);
    channel.read(buffer, 0);
    return US_ASCII.decode(buffer.flip()).toString().strip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
