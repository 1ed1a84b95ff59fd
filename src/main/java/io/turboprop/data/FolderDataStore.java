package io.turboprop.data;

import com.google.protobuf.ByteString;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A blob store in a folder, local or shared by all machines. References are plain absolute paths,
 * as tasks see them; {@code file://} is accepted too.
 *
 * <p>The store writes and deletes only below the root, and reads only below the root and in the
 * readable folders. The target of a symbolic link decides. So a request can't reach other files of
 * the machine by naming them. A task may reach them, since it runs with its own rights.
 */
public final class FolderDataStore implements DataStore {
  private final DataReference base;
  private final FolderPaths paths;
  private final DurableFiles files;

  /**
   * Opens a folder, and creates it if it does not exist.
   *
   * @param readable further folders that may be read
   * @param durable whether a write waits for the disk; if not, a crash of the machine (not of the
   *     process) may lose acknowledged writes
   */
  public static FolderDataStore open(Path root, List<Path> readable, boolean durable)
      throws IOException {
    var absolute = root.toAbsolutePath().normalize();
    Files.createDirectories(absolute);
    return new FolderDataStore(
        new DataReference(absolute.toString()),
        new FolderPaths(Optional.of(absolute.toRealPath()), readable),
        new DurableFiles(durable));
  }

  /**
   * Folders that may only be read.
   *
   * @param base the root of the engine's objects, which is in another store
   */
  public static FolderDataStore readOnly(DataReference base, List<Path> readable) {
    return new FolderDataStore(
        base, new FolderPaths(Optional.empty(), readable), new DurableFiles(false));
  }

  private FolderDataStore(DataReference base, FolderPaths paths, DurableFiles files) {
    this.base = base;
    this.paths = paths;
    this.files = files;
  }

  @Override
  public DataReference base() {
    return base;
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    var found = paths.readable(reference);
    try {
      return new UntrustedFiles(found.folder()).read(found.file(), sizeBytesMax);
    } catch (NotRegularFileException _) {
      throw noFile(reference);
    } catch (DataTooLargeException e) {
      throw new DataTooLargeException(reference, e.sizeBytes(), sizeBytesMax);
    }
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return Channels.newInputStream(channel(reference));
  }

  private FileChannel channel(DataReference reference) throws IOException {
    var found = paths.readable(reference);
    try {
      return new UntrustedFiles(found.folder()).open(found.file());
    } catch (NotRegularFileException _) {
      throw noFile(reference);
    }
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    files.write(paths.writable(reference), bytes::writeTo);
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    files.write(paths.writable(reference), out -> copy(reference, bytes, out, sizeBytesMax));
  }

  private static void copy(
      DataReference reference, InputStream in, OutputStream out, long sizeBytesMax)
      throws IOException {
    var buffer = new byte[64 * 1024];
    var sizeBytes = 0L;
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      sizeBytes += count;
      if (sizeBytes > sizeBytesMax) {
        throw new DataTooLargeException(reference, sizeBytes, sizeBytesMax);
      }
      out.write(buffer, 0, count);
    }
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    try {
      return OptionalLong.of(Files.size(file(reference)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void sync(DataReference reference) throws IOException {
    var found = paths.readable(reference);
    files.sync(new UntrustedFiles(found.folder()), found.file());
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    var found = new ArrayList<DataReference>();
    try {
      var directory = paths.readable(prefix).file();
      if (Files.isDirectory(directory)) {
        Files.walkFileTree(directory, new Collector(directory, prefix.plain(), found));
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    found.sort((left, right) -> left.uri().compareTo(right.uri()));
    return found;
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    FileTrees.delete(paths.writable(reference));
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    return file(reference);
  }

  @Override
  public Optional<Path> localFolder(DataReference prefix) throws IOException {
    try {
      return Optional.of(Files.createDirectories(paths.writable(prefix)));
    } catch (AccessDeniedException _) {
      return Optional.empty();
    }
  }

  private Path file(DataReference reference) throws IOException {
    var path = paths.readable(reference).file();
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw noFile(reference);
    }
    return path;
  }

  private static NoSuchFileException noFile(DataReference reference) {
    return new NoSuchFileException(reference.uri(), null, "it is no regular file");
  }

  /** Collects files, as references below the requested prefix. */
  private static final class Collector extends SimpleFileVisitor<Path> {
    private final Path directory;
    private final DataReference prefix;
    private final List<DataReference> found;

    Collector(Path directory, DataReference prefix, List<DataReference> found) {
      this.directory = directory;
      this.prefix = prefix;
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && !DurableFiles.isUnfinished(file)) {
        found.add(prefix.child(directory.relativize(file).toString()));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      // Tasks write and delete at the same time; a deleted file is not listed.
      if (e instanceof NoSuchFileException || e instanceof AccessDeniedException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }
  }
}
