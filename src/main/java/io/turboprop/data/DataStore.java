package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blob store. Every method may block (call it on a virtual thread) and fails with {@link
 * IOException} for reasons that may pass. {@link NoSuchFileException} means that the object does
 * not exist; {@link java.nio.file.AccessDeniedException} means that this store never reads or
 * writes this location. An acknowledged write survives a crash of the machine.
 */
public interface DataStore {

  /** The root of all objects that the engine writes. */
  DataReference base();

  /**
   * Reads an object whole.
   *
   * @param sizeBytesMax a larger object is refused with {@link DataTooLargeException} before it is
   *     read
   */
  ByteString read(DataReference reference, long sizeBytesMax) throws IOException;

  /** Opens an object of any size; the caller closes the stream. */
  InputStream open(DataReference reference) throws IOException;

  /** Writes an object whole or not at all, and replaces an existing object. */
  void write(DataReference reference, ByteString bytes) throws IOException;

  /** Like {@link #write}, from a stream; refuses more than {@code sizeBytesMax} bytes. */
  void write(DataReference reference, InputStream bytes, long sizeBytesMax) throws IOException;

  /**
   * Copies an object of any size, whole or not at all, and replaces an existing object at the
   * target.
   */
  default void copy(DataReference from, DataReference to) throws IOException {
    try (var bytes = open(from)) {
      write(to, bytes, Long.MAX_VALUE);
    }
  }

  /** The size in bytes, or empty when there is no such object. */
  OptionalLong size(DataReference reference) throws IOException;

  /**
   * Makes an object that a task wrote survive a crash of the machine. Callers do this before they
   * record a reference to the object. Stores whose visible objects are always durable do nothing.
   */
  void sync(DataReference reference) throws IOException;

  /** The objects below a prefix (taken as a directory), sorted; empty when there are none. */
  List<DataReference> list(DataReference prefix) throws IOException;

  /** Deletes an object and all objects below it as a prefix; does nothing if there are none. */
  void delete(DataReference reference) throws IOException;

  /**
   * The object as a local file: the object itself for a folder store, else a copy below {@code
   * directory}.
   */
  Path localFile(DataReference reference, Path directory) throws IOException;

  /**
   * The local folder, created if missing, for tasks that write below a prefix; no part of its path
   * is a link. Empty if tasks write to a remote store, or if this store never writes below the
   * prefix.
   */
  default Optional<Path> localFolder(DataReference prefix) throws IOException {
    return Optional.empty();
  }

  /**
   * The MD5 of an object's content, in hex; empty when there is no such object. Stores that keep it
   * do not read the object.
   */
  default Optional<String> md5(DataReference reference) throws IOException {
    try (var bytes = open(reference)) {
      return Optional.of(Md5.hex(bytes));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /**
   * A request by which a client writes an object, sent to the store itself. Empty if the store
   * signs no requests.
   */
  default Optional<SignedRequest> signUpload(DataReference reference, UploadTerms terms)
      throws IOException {
    return Optional.empty();
  }

  /**
   * A request by which a client reads an object, sent to the store itself. Empty if the store signs
   * no requests.
   *
   * @param life how long the client may begin the download
   */
  default Optional<SignedRequest> signDownload(DataReference reference, Duration life)
      throws IOException {
    return Optional.empty();
  }

  /** The store is unreachable, or can't serve the request now. */
  final class UnavailableException extends IOException implements Outage {
    private static final long serialVersionUID = 1L;

    public UnavailableException(IOException cause) {
      super("the blob store is not available: " + cause.getMessage(), cause);
    }
  }

  /** The disk or the engine's quota on it is full. */
  final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoSpaceException(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** An object is larger than the caller accepts. */
  final class DataTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long sizeBytes;

    public DataTooLargeException(DataReference reference, long sizeBytes, long sizeBytesMax) {
      super(reference + " has " + sizeBytes + " bytes; the limit is " + sizeBytesMax);
      this.sizeBytes = sizeBytes;
    }

    /** The size of the object, or a lower bound of it. */
    public long sizeBytes() {
      return sizeBytes;
    }
  }
}
