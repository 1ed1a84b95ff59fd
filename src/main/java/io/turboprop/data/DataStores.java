package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.HashMap;
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

  /**
   * Opens the configured stores and the store in memory.
   *
   * @throws IOException when there is no store for the base, or its folder can't be created
   */
  public static DataStores open(DataSettings settings) throws IOException {
    var stores = new HashMap<String, DataStore>();
    stores.put(MemoryDataStore.SCHEME, new MemoryDataStore());
    var base = settings.base().plain();
    if (base.scheme().isEmpty()) {
      var folder =
          FolderDataStore.open(Path.of(base.uri()), settings.readableFolders(), settings.durable());
      stores.put(FILE, folder);
      base = folder.base();
    }
    var all = new DataStores(base, stores);
    all.store(base);
    return all;
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

  private DataStore store(DataReference reference) throws IOException {
    var store = byScheme.get(reference.scheme().orElse(FILE));
    if (store == null) {
      throw new AccessDeniedException(
          reference.uri(), null, "there is a store for " + byScheme.keySet() + " only");
    }
    return store;
  }
}
