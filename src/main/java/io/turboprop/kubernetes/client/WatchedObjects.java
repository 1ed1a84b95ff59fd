package io.turboprop.kubernetes.client;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * The objects of one kind in a cluster. Every call blocks; {@link #list} takes a bounded time. An
 * {@link IOException} means that the API server does not answer, or not for now; the call may be
 * repeated.
 */
public interface WatchedObjects<T> {

  /**
   * A page of all objects.
   *
   * @param next {@link Page#next} of the page before; empty for the first
   * @throws ExpiredException when the first page is too long ago
   */
  Page<T> list(String next) throws IOException;

  /**
   * Hands over all changes after a version, until the API server ends the watch.
   *
   * @throws ExpiredException when the version is too long ago, so that the objects have to be
   *     listed again
   */
  void watch(String version, Consumer<Change<T>> changes) throws IOException;

  /**
   * A page of a list.
   *
   * @param version the {@code resourceVersion} of the whole list
   * @param next the token of the next page; empty after the last page
   */
  record Page<T>(List<T> objects, String version, String next) {}

  /** A change of an object, and the version after it. */
  sealed interface Change<T> {
    String version();

    /** An object is new or has changed. */
    record Present<T>(T object, String version) implements Change<T> {}

    /** An object is gone; this was its last state. */
    record Gone<T>(T object, String version) implements Change<T> {}

    /** No change up to this version. */
    record Nothing<T>(String version) implements Change<T> {}
  }

  /** The API server no longer knows what has changed since a version. */
  final class ExpiredException extends IOException {
    private static final long serialVersionUID = 1L;

    public ExpiredException(String message) {
      super(message);
    }
  }
}
