package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Combines several blob stores: the scheme of a reference selects the store. */
public final class DataStores implements DataStore {
  private static final String FILE = "file";
  private final DataReference base;
  private final Map<String, DataStore> byScheme;

  /**
   * Combines stores.
   *
   * @param base the root of the engine's objects
   * @param byScheme a store for each scheme; {@code file} stands for plain paths too
   */
  public DataStores(DataReference base, Map<String, DataStore> byScheme) {
    this.base = base;
    this.byScheme = Map.copyOf(byScheme);
  }

  @Override
  public DataReference base() {
    return base;
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    return store(reference).read(reference, sizeBytesMax);
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return store(reference).open(reference);
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    store(reference).write(reference, bytes);
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    store(reference).write(reference, bytes, sizeBytesMax);
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    return store(reference).size(reference);
  }

  @Override
  public void sync(DataReference reference) throws IOException {
    store(reference).sync(reference);
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    return store(prefix).list(prefix);
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    store(reference).delete(reference);
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    return store(reference).localFile(reference, directory);
  }

  @Override
  public Optional<Path> localFolder(DataReference prefix) throws IOException {
    var store = byScheme.get(prefix.scheme().orElse(FILE));
    return store == null ? Optional.empty() : store.localFolder(prefix);
  }

  @Override
  public Optional<String> md5(DataReference reference) throws IOException {
    return store(reference).md5(reference);
  }

  @Override
  public Optional<SignedRequest> signUpload(DataReference reference, UploadTerms terms)
      throws IOException {
    return store(reference).signUpload(reference, terms);
  }

  @Override
  public Optional<SignedRequest> signDownload(DataReference reference, Duration life)
      throws IOException {
    return store(reference).signDownload(reference, life);
  }

  /** A store copies its own objects best. */
  @Override
  public void copy(DataReference from, DataReference to) throws IOException {
    if (store(from).equals(store(to))) {
      store(from).copy(from, to);
    } else {
      DataStore.super.copy(from, to);
    }
  }

  private DataStore store(DataReference reference) throws IOException {
    var store = byScheme.get(reference.scheme().orElse(FILE));
    if (store == null) {
      throw new AccessDeniedException(
          reference.uri(),
          null,
          "no store for it is configured in turboprop.data.base or turboprop.data.readable");
    }
    return store;
  }
}
