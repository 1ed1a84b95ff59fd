package io.turboprop.data.object;

import com.google.protobuf.ByteString;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.UploadTerms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A bucket (Azure: container) of an object store. Keys are whole keys, without a slash in front.
 *
 * <p>Every call blocks, for a bounded time. It fails with {@link NoSuchFileException} if the object
 * does not exist, with {@link RefusedException} if the service refuses the call, and with {@link
 * io.turboprop.data.DataStore.UnavailableException}, whose message names the bucket and the cause,
 * if the service can't be reached or can't serve the call now. Calls are repeated before they fail,
 * where that may help.
 */
interface Bucket extends AutoCloseable {

  /**
   * An object that is being read; the reader closes the stream.
   *
   * @param sizeBytes the size of the whole object
   */
  record Content(InputStream bytes, long sizeBytes) {}

  /**
   * The metadata of an object in a bucket.
   *
   * @param md5 the MD5 of its content in hex, if the bucket knows it
   */
  record ObjectMetadata(long sizeBytes, Optional<String> md5) {}

  /** A page of a list; the cursor of the next page is empty after the last one. */
  record Page(List<String> keys, Optional<String> next) {}

  /** The service refuses the call: the bucket, the credentials or their rights are wrong. */
  final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The bytes of an object, as they arrive. */
  Content open(String key) throws IOException;

  /** The metadata of an object; empty if there is no such object. */
  Optional<ObjectMetadata> head(String key) throws IOException;

  /** Writes an object whole or not at all. */
  void write(String key, ByteString bytes) throws IOException;

  /**
   * Writes an object whole or not at all, in parts if it is large. If the stream fails, its
   * exception is thrown on.
   */
  void write(String key, InputStream bytes) throws IOException;

  /**
   * Copies an object inside the bucket, by the service itself.
   *
   * @return false when the service can't do that with an object of this size
   */
  boolean copy(String from, String to) throws IOException;

  /**
   * The keys that begin with a prefix.
   *
   * @param cursor the cursor of the previous page, or empty to begin
   */
  Page list(String prefix, Optional<String> cursor) throws IOException;

  /** Deletes at most a page of objects; those that do not exist are skipped. */
  void delete(List<String> keys) throws IOException;

  /** A signed request to write an object; empty if these credentials can't sign. */
  Optional<SignedRequest> signUpload(String key, UploadTerms terms) throws IOException;

  /** A signed request to read an object; empty if these credentials can't sign. */
  Optional<SignedRequest> signDownload(String key, Duration life) throws IOException;

  @Override
  void close();
}
