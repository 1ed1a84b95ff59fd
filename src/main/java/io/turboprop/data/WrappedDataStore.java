package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A decorator that does the same around every call of a store. */
public abstract class WrappedDataStore implements DataStore {
  private final DataStore store;

  protected WrappedDataStore(DataStore store) {
    this.store = store;
  }

  /** The kind of a call to the store. */
  protected enum Operation {
    READ,
    OPEN,
    WRITE,
    COPY,
    LOOK,
    SYNC,
    LIST,
    DELETE,
    SIGN
  }

  /** A call of the store that is decorated. */
  protected interface Call<T> {
    T make() throws IOException;
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Makes a call, and does something before, after or around it. */
  protected abstract <T> T around(Operation operation, Call<T> call) throws IOException;

  private void around(Operation operation, Action action) throws IOException {
    this.<Boolean>around(
        operation,
        () -> {
          action.run();
          return true;
        });
  }

  @Override
  public DataReference base() {
    return store.base();
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    return around(Operation.READ, () -> store.read(reference, sizeBytesMax));
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return around(Operation.OPEN, () -> store.open(reference));
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    around(Operation.WRITE, () -> store.write(reference, bytes));
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    around(Operation.WRITE, () -> store.write(reference, bytes, sizeBytesMax));
  }

  @Override
  public void copy(DataReference from, DataReference to) throws IOException {
    around(Operation.COPY, () -> store.copy(from, to));
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    return around(Operation.LOOK, () -> store.size(reference));
  }

  @Override
  public void sync(DataReference reference) throws IOException {
    around(Operation.SYNC, () -> store.sync(reference));
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    return around(Operation.LIST, () -> store.list(prefix));
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    around(Operation.DELETE, () -> store.delete(reference));
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    return around(Operation.OPEN, () -> store.localFile(reference, directory));
  }

  @Override
  public Optional<Path> localFolder(DataReference prefix) throws IOException {
    return around(Operation.LOOK, () -> store.localFolder(prefix));
  }

  @Override
  public Optional<String> md5(DataReference reference) throws IOException {
    return around(Operation.LOOK, () -> store.md5(reference));
  }

  @Override
  public Optional<SignedRequest> signUpload(DataReference reference, UploadTerms terms)
      throws IOException {
    return around(Operation.SIGN, () -> store.signUpload(reference, terms));
  }

  @Override
  public Optional<SignedRequest> signDownload(DataReference reference, Duration life)
      throws IOException {
    return around(Operation.SIGN, () -> store.signDownload(reference, life));
  }
}
