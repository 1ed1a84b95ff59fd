package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** A store whose calls fail from time to time, before or after the operation is done. */
public record FailingDataStore(DataStore store, BooleanSupplier fails) implements DataStore {
  @Override
  public DataReference base() {
    return store.base();
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    mayFail();
    return store.read(reference, sizeBytesMax);
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    mayFail();
    return store.open(reference);
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    mayFail();
    store.write(reference, bytes);
    mayFail();
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    mayFail();
    store.write(reference, bytes, sizeBytesMax);
    mayFail();
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    mayFail();
    return store.size(reference);
  }

  @Override
  public void sync(DataReference reference) throws IOException {
    mayFail();
    store.sync(reference);
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    mayFail();
    return store.list(prefix);
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    mayFail();
    store.delete(reference);
    mayFail();
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    mayFail();
    return store.localFile(reference, directory);
  }

  private void mayFail() throws IOException {
    if (fails.getAsBoolean()) {
      throw new IOException("not now");
    }
  }
}
