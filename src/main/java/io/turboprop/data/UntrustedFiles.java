package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads files that a task can write, and can replace at any time by a pipe, a socket, a device, a
 * link or a file of any size.
 *
 * <p>The class first finds a file without opening it and without following links below the folder.
 * It opens the file only if it is a regular file, and the opened file is the same file that was
 * checked ({@link NativeOpen}). On other systems than Linux, a replacement between the check and
 * the opening is not noticed.
 *
 * <p>All calls run on a few threads of this class: a hanging file system blocks only these threads,
 * and every caller gets an answer in time.
 */
public final class UntrustedFiles {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int THREADS_MAX = 16;
  private static final int WAITING_MAX = 10_000;
  private static final int BUFFER_BYTES_MAX = 1024 * 1024;

  private static final ExecutorService THREADS = threads();

  private final Path folder;

  private static ExecutorService threads() {
    var pool =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("untrusted-files-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * @param folder the folder, which only the engine can replace; links in its own path are followed
   */
  public UntrustedFiles(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  /** The path leads to something other than a regular file. */
  public static final class NotRegularFileException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    NotRegularFileException(Path file, String kind) {
      super(file.toString(), null, "it is " + kind + ", no regular file");
    }
  }

  /**
   * Reads a file whole.
   *
   * @throws NoSuchFileException when it is not there
   * @throws NotRegularFileException when it is of another kind
   * @throws DataStore.DataTooLargeException when it has more bytes; no more than these are read
   */
  public ByteString read(Path file, long sizeBytesMax) throws IOException {
    return inTime(
        file,
        () -> {
          try (var channel = openNow(file, Set.of(StandardOpenOption.READ))) {
            return read(channel, file, sizeBytesMax);
          }
        });
  }

  private static ByteString read(FileChannel channel, Path file, long sizeBytesMax)
      throws IOException {
    var sizeBytes = channel.size();
    var output = ByteString.newOutput((int) Math.clamp(sizeBytes, 16, BUFFER_BYTES_MAX));
    var buffer = ByteBuffer.allocate((int) Math.clamp(sizeBytes + 1, 16, BUFFER_BYTES_MAX));
    while (sizeBytes <= sizeBytesMax && channel.read(buffer) >= 0) {
      output.write(buffer.array(), 0, buffer.position());
      buffer.clear();
      // A task may write to the file meanwhile.
      sizeBytes = Math.max(sizeBytes, output.size());
    }
    if (sizeBytes > sizeBytesMax) {
      throw new DataStore.DataTooLargeException(
          new DataReference(file.toString()), sizeBytes, sizeBytesMax);
    }
    return output.toByteString();
  }

  /**
   * The last bytes of a file.
   *
   * @throws NoSuchFileException when it is not there
   * @throws NotRegularFileException when it is of another kind
   */
  public ByteString tail(Path file, int sizeBytesMax) throws IOException {
    return inTime(
        file,
        () -> {
          try (var channel = openNow(file, Set.of(StandardOpenOption.READ))) {
            channel.position(Math.max(0, channel.size() - sizeBytesMax));
            var bytes = ByteBuffer.allocate((int) Math.min(sizeBytesMax, channel.size()));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
              // A read may return fewer bytes than requested.
            }
            return ByteString.copyFrom(bytes.flip());
          }
        });
  }

  /**
   * Opens a file for reading. The caller closes the file and limits how much it reads.
   *
   * @throws NoSuchFileException when it is not there
   * @throws NotRegularFileException when it is of another kind
   */
  public FileChannel open(Path file) throws IOException {
    return inTime(file, () -> openNow(file, Set.of(StandardOpenOption.READ)));
  }

  /** Like {@link #open}, for reading and writing. */
  public FileChannel openForUpdate(Path file) throws IOException {
    var options = EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    return inTime(file, () -> openNow(file, options));
  }

  private FileChannel openNow(Path file, Set<? extends OpenOption> options) throws IOException {
    var path = below(file);
    if (NativeOpen.isAvailable()) {
      try (var handle = NativeOpen.find(folder, path)) {
        requireRegular(file, Files.readAttributes(handle.path(), BasicFileAttributes.class));
        return FileChannel.open(handle.path(), options);
      } catch (AccessDeniedException _) {
        throw new AccessDeniedException(file.toString());
      }
    }
    requireRegular(
        file, Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    return FileChannel.open(path, options);
  }

  private Path below(Path file) throws IOException {
    var path = file.toAbsolutePath().normalize();
    if (!path.startsWith(folder) || path.equals(folder)) {
      throw new NoSuchFileException(file.toString(), null, "it does not lie below " + folder);
    }
    return path;
  }

  private static void requireRegular(Path file, BasicFileAttributes attributes)
      throws NotRegularFileException {
    if (attributes.isSymbolicLink()) {
      throw new NotRegularFileException(file, "a link");
    }
    if (attributes.isDirectory()) {
      throw new NotRegularFileException(file, "a folder");
    }
    if (!attributes.isRegularFile()) {
      throw new NotRegularFileException(file, "a pipe, a socket or a device");
    }
  }

  private static <T> T inTime(Path file, Callable<T> call) throws IOException {
    var answer = new CompletableFuture<T>();
    var received = false;
    try {
      THREADS.execute(() -> answer(call, answer));
      var value = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      received = true;
      return value;
    } catch (TimeoutException _) {
      throw new IOException("reading %s has taken longer than %s".formatted(file, TIMEOUT));
    } catch (RejectedExecutionException _) {
      throw new IOException(
          "%s is not read: %d other reads wait already".formatted(file, WAITING_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("reading %s was interrupted".formatted(file), e);
    } catch (ExecutionException e) {
      throw failure(file, Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      if (!received && !answer.cancel(false)) {
        closeUnwanted(answer);
      }
    }
  }

  /** Closes a file that was opened just when its caller stopped to wait. */
  private static void closeUnwanted(CompletableFuture<?> answer) throws IOException {
    if (!answer.isCompletedExceptionally() && answer.resultNow() instanceof FileChannel channel) {
      channel.close();
    }
  }

  /** Completes the result, or closes a result for which the caller no longer waits. */
  private static <T> void answer(Callable<T> call, CompletableFuture<T> answer) {
    if (answer.isDone()) {
      return;
    }
    try {
      var value = call.call();
      if (!answer.complete(value) && value instanceof FileChannel channel) {
        channel.close();
      }
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      answer.completeExceptionally(e);
    }
  }

  private static IOException failure(Path file, Throwable cause) {
    return cause instanceof IOException known
        ? known
        : new IOException("%s can't be read: %s".formatted(file, cause), cause);
  }
}
