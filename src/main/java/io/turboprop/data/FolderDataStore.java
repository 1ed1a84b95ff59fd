package io.turboprop.data;

import com.google.protobuf.ByteString;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
    var file = paths.writable(reference);
    files.write(paths.root(), file, bytes::writeTo);
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    var file = paths.writable(reference);
    files.write(paths.root(), file, out -> copy(reference, bytes, out, sizeBytesMax));
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
    files.sync(found.folder(), found.file());
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    var found = new ArrayList<DataReference>();
    try {
      var directory = paths.readable(prefix);
      for (var file : FileTrees.readableFiles(directory.folder(), directory.file())) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && !DurableFiles.isUnfinished(file)) {
          found.add(prefix.plain().child(directory.file().relativize(file).toString()));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    found.sort((left, right) -> left.uri().compareTo(right.uri()));
    return found;
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    var file = paths.writable(reference);
    FileTrees.delete(paths.root(), file);
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    return file(reference);
  }

  @Override
  public Optional<Path> localFolder(DataReference prefix) throws IOException {
    try {
      return Optional.of(paths.createFolder(prefix));
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
}
