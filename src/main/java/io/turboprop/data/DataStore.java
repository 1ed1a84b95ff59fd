package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blob store. Every method may block (call it on a virtual thread) and fails with {@link
 * IOException} for reasons that may pass; {@link java.nio.file.NoSuchFileException} means that the
 * object is not there, {@link java.nio.file.AccessDeniedException} that this store never reads or
 * writes such a place. What a write has acknowledged survives a crash of the machine.
 */
public interface DataStore {

  /** The root below which this store places what the engine writes. */
  DataReference base();

  /**
   * Reads one object whole.
   *
   * @param sizeBytesMax refuses a larger one with {@link DataTooLargeException} before reading it
   */
  ByteString read(DataReference reference, long sizeBytesMax) throws IOException;

  /** Opens one object of any size; the caller closes the stream. */
  InputStream open(DataReference reference) throws IOException;

  /** Writes one object whole or not at all, replacing one that is there. */
  void write(DataReference reference, ByteString bytes) throws IOException;

  /** As {@link #write} for what is streamed; refuses more than {@code sizeBytesMax} bytes. */
  void write(DataReference reference, InputStream bytes, long sizeBytesMax) throws IOException;

  /** Copies one object of any size, whole or not at all, replacing what is at the other place. */
  default void copy(DataReference from, DataReference to) throws IOException {
    try (var bytes = open(from)) {
      write(to, bytes, Long.MAX_VALUE);
    }
  }

  /** The size in bytes, or empty when there is no such object. */
  OptionalLong size(DataReference reference) throws IOException;

  /**
   * Makes an object that somebody else wrote survive a crash of the machine, before anything
   * durable refers to it. Nothing to do where every object is durable as soon as it can be seen.
   */
  void sync(DataReference reference) throws IOException;

  /** The objects below a prefix (taken as a directory), sorted; empty when there are none. */
  List<DataReference> list(DataReference prefix) throws IOException;

  /** Deletes one object and all below it as a prefix; what is not there is no error. */
  void delete(DataReference reference) throws IOException;

  /**
   * The object as a local file: the object itself for a folder store, else a copy below {@code
   * directory}.
   */
  Path localFile(DataReference reference, Path directory) throws IOException;

  /**
   * The folder of this machine, created if need be, into which a task writes that is told to write
   * below a prefix; empty where tasks write elsewhere, or below a prefix that this store never
   * writes to.
   */
  default Optional<Path> localFolder(DataReference prefix) throws IOException {
    return Optional.empty();
  }

  /** The store can't be reached, or can't do now what it is asked for. */
  final class UnavailableException extends IOException implements Outage {
    private static final long serialVersionUID = 1L;

    public UnavailableException(IOException cause) {
      super("the blob store is not available: " + cause.getMessage(), cause);
    }
  }

  /** The disk, or our share of it, is full. */
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

    /** How large it is, at least. */
    public long sizeBytes() {
      return sizeBytes;
    }
  }
}
