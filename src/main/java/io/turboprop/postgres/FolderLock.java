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
 * Keeps a folder to one process, by a lock of the operating system on the file {@code lock}: it
 * ends with the process, however that ends. The file says which process it is.
 */
final class FolderLock implements AutoCloseable {
  private static final int PID_BYTES_MAX = 32;

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws StoreException when another process, or another part of this one, has it
   */
  static FolderLock acquire(Path folder) throws IOException {
    var channel = FileChannel.open(folder.resolve("lock"), CREATE, READ, WRITE);
    try {
      if (!tryLock(channel)) {
        throw new StoreException(
            "%s is in use by process %s: stop that one, or choose another folder"
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

  /** Whether somebody has it, this process or another. */
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
      // Beyond the text: where locks are mandatory, others can still read it.
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
