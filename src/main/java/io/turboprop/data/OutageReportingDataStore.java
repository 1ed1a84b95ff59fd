package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A decorator that reports outages of a store: every failure that says nothing about the object
 * itself becomes an {@link UnavailableException}.
 */
public record OutageReportingDataStore(DataStore store) implements DataStore {

  private interface Call<T> {
    T make() throws IOException;
  }

  private interface Action {
    void run() throws IOException;
  }

  private static <T> T reporting(Call<T> call) throws IOException {
    try {
      return call.make();
    } catch (NoSuchFileException
        | AccessDeniedException
        | DataTooLargeException
        | UnavailableException e) {
      throw e;
    } catch (IOException e) {
      throw new UnavailableException(e);
    }
  }

  private static void reporting(Action action) throws IOException {
    OutageReportingDataStore.<Boolean>reporting(() -> {
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
    return reporting(() -> store.read(reference, sizeBytesMax));
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return reporting(() -> store.open(reference));
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    reporting(() -> store.write(reference, bytes));
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    reporting(() -> store.write(reference, bytes, sizeBytesMax));
  }

  @Override
  public void copy(DataReference from, DataReference to) throws IOException {
    reporting(() -> store.copy(from, to));
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    return reporting(() -> store.size(reference));
  }

  @Override
  public void sync(DataReference reference) throws IOException {
    reporting(() -> store.sync(reference));
  }

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    return reporting(() -> store.list(prefix));
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    reporting(() -> store.delete(reference));
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    return reporting(() -> store.localFile(reference, directory));
  }

  @Override
  public Optional<Path> localFolder(DataReference prefix) throws IOException {
    return reporting(() -> store.localFolder(prefix));
  }

  @Override
  public Optional<String> md5(DataReference reference) throws IOException {
    return reporting(() -> store.md5(reference));
  }

  @Override
  public Optional<SignedRequest> signUpload(DataReference reference, UploadTerms terms)
      throws IOException {
    return reporting(() -> store.signUpload(reference, terms));
  }

  @Override
  public Optional<SignedRequest> signDownload(DataReference reference, Duration life)
      throws IOException {
    return reporting(() -> store.signDownload(reference, life));
  }
}
