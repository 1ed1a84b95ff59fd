package io.turboprop.data.object;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataStore.UnavailableException;
import io.turboprop.data.Md5;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.UploadTerms;
import io.turboprop.data.object.ObjectSettings.Calls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.opendal.AsyncOperator;
import org.apache.opendal.Entry;
import org.apache.opendal.ListOptions;
import org.apache.opendal.OpenDALException;
import org.apache.opendal.PresignedRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bucket of Google Cloud Storage or Azure Blob Storage, over Apache OpenDAL.
 *
 * <p>OpenDAL can't abort an upload in parts: closing the stream completes the object. Therefore the
 * bucket first collects a large object in a temporary file, so that during the upload only the
 * service can fail. After such a failure the stream stays open, which costs the memory of one part.
 */
final class OpenDalBucket implements Bucket {
  private static final Logger LOG = LoggerFactory.getLogger(OpenDalBucket.class);

  private final String uri;
  private final AsyncOperator operator;
  private final Calls calls;
  private final Map<String, String> uploadHeaders;

  /**
   * @param uri the bucket's URI, for messages
   * @param operator the operator of the whole bucket; it repeats failed calls by itself
   * @param uploadHeaders the headers that the service requires of uploads by signed requests
   */
  OpenDalBucket(
      String uri, AsyncOperator operator, Calls calls, Map<String, String> uploadHeaders) {
    this.uri = uri;
    this.operator = operator;
    this.calls = calls;
    this.uploadHeaders = Map.copyOf(uploadHeaders);
  }

  /** Waits for a call and all its repetitions. */
  private <T> T await(String operation, String key, CompletableFuture<T> call) throws IOException {
    var millisMax = calls.timeout().toMillis() * calls.triesMax();
    try {
      return call.get(millisMax, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OpenDALException failure
          ? failure(operation, key, failure)
          : away(operation, key, e);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw away(operation, key, new TimeoutException("no answer after " + millisMax + " ms"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(operation, key, e);
    }
  }

  private IOException failure(String operation, String key, OpenDALException e) {
    var reason = reason(e);
    return switch (e.getCode()) {
      case NotFound ->
          isOfBucket(reason)
              ? new RefusedException(
                  "%s does not exist (turboprop.data.base or readable): %s".formatted(uri, reason),
                  e)
              : new NoSuchFileException(uri + "/" + key);
      case PermissionDenied, ConfigInvalid ->
          new RefusedException(
              "the service refuses to %s %s/%s (turboprop.data.gcs or azure has the credentials): %s"
                  .formatted(operation, uri, key, reason),
              e);
      case Unexpected,
          Unsupported,
          IsADirectory,
          NotADirectory,
          AlreadyExists,
          RateLimited,
          IsSameFile,
          ConditionNotMatch,
          RangeNotSatisfied ->
          away(operation, key, e);
    };
  }

  private static boolean isOfBucket(String reason) {
    return reason.contains("NoSuchBucket")
        || reason.contains("ContainerNotFound")
        || reason.contains("specified bucket does not exist");
  }

  private IOException away(String operation, String key, Exception e) {
    var reason = e instanceof OpenDALException failure ? reason(failure) : e.getMessage();
    return new UnavailableException(
        new IOException("can't %s %s/%s: %s".formatted(operation, uri, key, reason), e));
  }

  /** The last part of a message; the parts before have URLs that may contain a token. */
  private static String reason(OpenDALException e) {
    var message = String.valueOf(e.getMessage());
    var arrow = message.indexOf(" => ");
    return e.getCode() + (arrow < 0 ? "" : ": " + message.substring(arrow + 4));
  }

  @Override
  public Content open(String key) throws IOException {
    var sizeBytes = await("read", key, operator.stat(key)).getContentLength();
    return new Content(new Ranges(key, sizeBytes), sizeBytes);
  }

  /** The stream of an object, which reads one range after the other. */
  private final class Ranges extends InputStream {
    private final String key;
    private final long sizeBytes;
    private long fetched;
    private InputStream piece = InputStream.nullInputStream();

    Ranges(String key, long sizeBytes) {
      this.key = key;
      this.sizeBytes = sizeBytes;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var count = piece.read(bytes, offset, length);
      if (count >= 0 || length == 0 || fetched == sizeBytes) {
        return count;
      }
      fetch();
      return piece.read(bytes, offset, length);
    }

    private void fetch() throws IOException {
      var count = Math.min(calls.partBytes(), sizeBytes - fetched);
      var bytes = await("read", key, operator.read(key, fetched, count));
      if (bytes.length != count) {
        throw new IOException("%s/%s changed while it was read".formatted(uri, key));
      }
      fetched += count;
      piece = ByteString.copyFrom(bytes).newInput();
    }
  }

  @Override
  public Optional<ObjectMetadata> head(String key) throws IOException {
    try {
      var found = await("look at", key, operator.stat(key));
      return Optional.of(
          new ObjectMetadata(
              found.getContentLength(),
              Optional.ofNullable(found.getContentMd5()).flatMap(Md5::fromBase64)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  @Override
  public void write(String key, ByteString bytes) throws IOException {
    await("write", key, operator.write(key, bytes.toByteArray()));
  }

  @Override
  public void write(String key, InputStream bytes) throws IOException {
    var first = ByteString.copyFrom(bytes.readNBytes(calls.partBytes()));
    if (first.size() < calls.partBytes()) {
      write(key, first);
      return;
    }
    var file = Files.createTempFile("turboprop", ".upload");
    try {
      try (var out = Files.newOutputStream(file)) {
        first.writeTo(out);
        bytes.transferTo(out);
      }
      writeParts(key, file);
    } finally {
      Files.delete(file);
    }
  }

  /** OpenDAL's stream blocks in native code, so it runs on a platform thread. */
  private void writeParts(String key, Path file) throws IOException {
    var written = new CompletableFuture<Boolean>();
    Thread.ofPlatform()
        .daemon()
        .name("upload")
        .start(() -> {
          // Only the last statement may close the stream: that completes the object.
          try (var in = Files.newInputStream(file);
              var blocking = operator.blocking()) {
            var out = blocking.createOutputStream(key, calls.partBytes());
            in.transferTo(out);
            out.close();
            written.complete(true);
          } catch (IOException | RuntimeException e) {
            written.completeExceptionally(e);
          }
        });
    try {
      written.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OpenDALException failure
          ? failure("write", key, failure)
          : away("write", key, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away("write", key, e);
    }
  }

  @Override
  public boolean copy(String from, String to) throws IOException {
    await("copy", from, operator.copy(from, to));
    return true;
  }

  /** Lists all objects in one page, because OpenDAL reads all pages at once. */
  @Override
  public Page list(String prefix, Optional<String> cursor) throws IOException {
    var options = ListOptions.builder().recursive(true).build();
    var entries = await("list", prefix, operator.list(prefix, options));
    return new Page(
        entries.stream().filter(entry -> entry.getMetadata().isFile()).map(Entry::getPath).toList(),
        Optional.empty());
  }

  @Override
  public void delete(List<String> keys) throws IOException {
    for (var key : keys) {
      await("delete", key, operator.delete(key));
    }
  }

  @Override
  public Optional<SignedRequest> signUpload(String key, UploadTerms terms) throws IOException {
    return signed(key, operator.presignWrite(key, terms.life()))
        .map(request -> {
          var headers = new HashMap<>(uploadHeaders);
          if (!terms.md5Hex().isEmpty()) {
            headers.put("Content-MD5", terms.md5Base64());
          }
          return new SignedRequest(request.getUri(), headers);
        });
  }

  @Override
  public Optional<SignedRequest> signDownload(String key, Duration life) throws IOException {
    return signed(key, operator.presignRead(key, life))
        .map(request -> new SignedRequest(request.getUri(), Map.of()));
  }

  /**
   * A signed request; empty if the credentials have no key to sign with (the identity of a machine
   * has none). The caller then uses a link of the engine.
   */
  private Optional<PresignedRequest> signed(String key, CompletableFuture<PresignedRequest> signing)
      throws IOException {
    try {
      return Optional.of(await("sign a request for", key, signing));
    } catch (UnavailableException | RefusedException e) {
      LOG.debug("these credentials sign no requests: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    operator.close();
  }
}
