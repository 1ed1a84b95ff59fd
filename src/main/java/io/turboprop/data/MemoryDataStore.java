package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/** A blob store in memory, which ends with the process: for tests, and for load without a disk. */
public final class MemoryDataStore implements DataStore {
  public static final String SCHEME = "mem";
  private final DataReference base = new DataReference(SCHEME + "://turboprop");
  private final ConcurrentSkipListMap<String, ByteString> objects = new ConcurrentSkipListMap<>();

  @Override
  public DataReference base() {
    return base;
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    var bytes = find(reference);
    if (bytes.size() > sizeBytesMax) {
      throw new DataTooLargeException(reference, bytes.size(), sizeBytesMax);
    }
    return bytes;
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return find(reference).newInput();
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    objects.put(key(reference), bytes);
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    var limit = (int) Math.min(Integer.MAX_VALUE - 9L, sizeBytesMax);
    var read = bytes.readNBytes(limit + 1);
    if (read.length > sizeBytesMax) {
      throw new DataTooLargeException(reference, read.length, sizeBytesMax);
    }
    write(reference, ByteString.copyFrom(read));
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    var bytes = objects.get(key(reference));
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.size());
  }

  /** This store has nothing to flush. */
  @Override
  public void sync(DataReference reference) throws IOException {
    find(reference);
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    var below = key(prefix.child(""));
    return objects.tailMap(below, true).keySet().stream()
        .takeWhile(key -> key.startsWith(below))
        .map(DataReference::new)
        .toList();
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    objects.remove(key(reference));
    for (var below : list(reference)) {
      objects.remove(below.uri());
    }
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    Files.createDirectories(directory);
    var name = reference.uri().substring(reference.uri().lastIndexOf('/') + 1);
    return Files.write(directory.resolve(name), find(reference).toByteArray());
  }

  private ByteString find(DataReference reference) throws IOException {
    var bytes = objects.get(key(reference));
    if (bytes == null) {
      throw new NoSuchFileException(reference.uri());
    }
    return bytes;
  }

  private static String key(DataReference reference) throws IOException {
    if (!reference.scheme().orElse("").equals(SCHEME)) {
      throw new AccessDeniedException(reference.uri(), null, "it does not begin with mem://");
    }
    return reference.uri();
  }
}
