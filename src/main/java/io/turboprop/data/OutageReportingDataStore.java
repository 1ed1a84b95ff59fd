package io.turboprop.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/**
 * A decorator that reports outages of a store: every failure that says nothing about the object
 * itself becomes an {@link UnavailableException}.
 */
public final class OutageReportingDataStore extends WrappedDataStore {

  public OutageReportingDataStore(DataStore store) {
    super(store);
  }

  @Override
  protected <T> T around(Operation operation, Call<T> call) throws IOException {
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
}
