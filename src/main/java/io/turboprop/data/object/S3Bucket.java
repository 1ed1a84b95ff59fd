package io.turboprop.data.object;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.turboprop.data.Md5;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.UploadTerms;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * A bucket of S3, or of a store that is compatible with it.
 *
 * <p>S3 shows an object only when it is complete, and confirms a write only when the object is
 * durable.
 */
final class S3Bucket implements Bucket {
  private static final Logger LOG = LoggerFactory.getLogger(S3Bucket.class);

  /** The most parts of one object that S3 accepts. */
  private static final int PARTS_MAX = 10_000;

  /** S3 copies larger objects only in several parts. */
  private static final long COPY_BYTES_MAX = 5L << 30;

  /**
   * The form of an ETag that may be the object's MD5; an object that was written in parts has
   * another form. If the object is encrypted with KMS or with a key of the client, such an ETag is
   * no MD5.
   */
  private static final Pattern MD5 = Pattern.compile("\"?([0-9a-f]{32})\"?");

  private final String name;
  private final S3Client client;
  private final S3Presigner presigner;
  private final int partBytes;
  private final S3Failures failures;

  S3Bucket(String name, S3Client client, S3Presigner presigner, int partBytes) {
    this.name = name;
    this.client = client;
    this.presigner = presigner;
    this.partBytes = partBytes;
    this.failures = new S3Failures(name);
  }

  private interface Call<T> {
    T make();
  }

  private <T> T call(String operation, String key, Call<T> call) throws IOException {
    try {
      return call.make();
    } catch (SdkException e) {
      throw failures.of(operation, key, e);
    }
  }

  @Override
  public Content open(String key) throws IOException {
    var response =
        call("read", key, () -> client.getObject(request -> request.bucket(name).key(key)));
    return new Content(new Body(response), response.response().contentLength());
  }

  /** The stream of an object. Closing it early aborts the transfer of the rest. */
  private static final class Body extends FilterInputStream {
    private final ResponseInputStream<GetObjectResponse> response;
    private boolean atEnd;

    Body(ResponseInputStream<GetObjectResponse> response) {
      super(response);
      this.response = response;
    }

    @Override
    public int read() throws IOException {
      var read = super.read();
      atEnd = atEnd || read < 0;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var count = super.read(bytes, offset, length);
      atEnd = atEnd || count < 0;
      return count;
    }

    @Override
    public void close() throws IOException {
      if (!atEnd) {
        response.abort();
      }
      super.close();
    }
  }

  @Override
  public Optional<ObjectMetadata> head(String key) throws IOException {
    try {
      var head =
          call("look at", key, () -> client.headObject(request -> request.bucket(name).key(key)));
      return Optional.of(new ObjectMetadata(head.contentLength(), md5(head)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /** The MD5 of an object in hexadecimal digits, if S3 knows it. */
  static Optional<String> md5(HeadObjectResponse head) {
    for (var entry : head.metadata().entrySet()) {
      if (entry.getKey().equalsIgnoreCase(UploadTerms.MD5_METADATA)) {
        return Md5.fromBase64(entry.getValue());
      }
    }
    return Optional.ofNullable(head.eTag())
        .filter(_ -> isPlainOrEncryptedByS3(head))
        .map(MD5::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1));
  }

  private static boolean isPlainOrEncryptedByS3(HeadObjectResponse head) {
    var encryption = head.serverSideEncryption();
    return head.sseCustomerAlgorithm() == null
        && (encryption == null || encryption == ServerSideEncryption.AES256);
  }

  @Override
  public void write(String key, ByteString bytes) throws IOException {
    call(
        "write",
        key,
        () ->
            client.putObject(
                request -> request.bucket(name).key(key),
                RequestBody.fromContentProvider(
                    bytes::newInput, bytes.size(), "application/octet-stream")));
  }

  @Override
  public void write(String key, InputStream bytes) throws IOException {
    var first = part(bytes);
    if (first.size() < partBytes) {
      write(key, first);
    } else {
      writeParts(key, first, bytes);
    }
  }

  /** Reads the next part of a stream; shorter at the end of the stream. */
  private ByteString part(InputStream bytes) throws IOException {
    return UnsafeByteOperations.unsafeWrap(bytes.readNBytes(partBytes));
  }

  private void writeParts(String key, ByteString first, InputStream bytes) throws IOException {
    var upload =
        call(
                "write",
                key,
                () -> client.createMultipartUpload(request -> request.bucket(name).key(key)))
            .uploadId();
    try {
      var parts = new ArrayList<CompletedPart>();
      for (var part = first; !part.isEmpty(); part = part(bytes)) {
        parts.add(writePart(key, upload, parts.size() + 1, part));
      }
      call(
          "write",
          key,
          () ->
              client.completeMultipartUpload(request ->
                  request
                      .bucket(name)
                      .key(key)
                      .uploadId(upload)
                      .multipartUpload(all -> all.parts(parts))));
    } catch (IOException | RuntimeException e) {
      abort(key, upload);
      throw e;
    }
  }

  private CompletedPart writePart(String key, String upload, int number, ByteString part)
      throws IOException {
    if (number > PARTS_MAX) {
      throw new IOException(
          "s3://%s/%s has more than %d parts of %d bytes (turboprop.data.object-store.part-size)"
              .formatted(name, key, PARTS_MAX, partBytes));
    }
    var written =
        call(
            "write",
            key,
            () ->
                client.uploadPart(
                    request -> request.bucket(name).key(key).uploadId(upload).partNumber(number),
                    RequestBody.fromContentProvider(
                        part::newInput, part.size(), "application/octet-stream")));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(written.eTag())
        .checksumCRC32(written.checksumCRC32())
        .build();
  }

  /**
   * Deletes the parts of an upload. Parts that can't be deleted are invisible but cost money; a
   * lifecycle rule of the bucket can delete them.
   */
  private void abort(String key, String upload) {
    try {
      client.abortMultipartUpload(request -> request.bucket(name).key(key).uploadId(upload));
    } catch (SdkException e) {
      LOG.warn("can't delete the parts of an upload to s3://{}/{}: {}", name, key, e.toString());
    }
  }

  @Override
  public boolean copy(String from, String to) throws IOException {
    var metadata =
        head(from).orElseThrow(() -> new NoSuchFileException("s3://" + name + "/" + from));
    if (metadata.sizeBytes() > COPY_BYTES_MAX) {
      return false;
    }
    call(
        "copy",
        from,
        () ->
            client.copyObject(request ->
                request
                    .sourceBucket(name)
                    .sourceKey(from)
                    .destinationBucket(name)
                    .destinationKey(to)));
    return true;
  }

  @Override
  public Page list(String prefix, Optional<String> cursor) throws IOException {
    var page =
        call(
            "list",
            prefix,
            () ->
                client.listObjectsV2(request ->
                    request.bucket(name).prefix(prefix).continuationToken(cursor.orElse(null))));
    return new Page(
        page.contents().stream().map(S3Object::key).toList(),
        Optional.ofNullable(page.nextContinuationToken()));
  }

  @Override
  public void delete(List<String> keys) throws IOException {
    if (keys.isEmpty()) {
      return;
    }
    var objects = keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList();
    var deleted =
        call(
            "delete",
            keys.getFirst(),
            () ->
                client.deleteObjects(request ->
                    request.bucket(name).delete(all -> all.objects(objects).quiet(true))));
    if (deleted.hasErrors() && !deleted.errors().isEmpty()) {
      var error = deleted.errors().getFirst();
      throw new IOException(
          "can't delete s3://%s/%s: %s: %s"
              .formatted(name, error.key(), error.code(), error.message()));
    }
  }

  @Override
  public Optional<SignedRequest> signUpload(String key, UploadTerms terms) throws IOException {
    var metadata =
        terms.md5Kept() && !terms.md5Hex().isEmpty()
            ? Map.of(UploadTerms.MD5_METADATA, terms.md5Base64())
            : Map.<String, String>of();
    var signed =
        call(
            "sign an upload to",
            key,
            () ->
                presigner.presignPutObject(request ->
                    request
                        .signatureDuration(terms.life())
                        .putObjectRequest(put ->
                            put.bucket(name)
                                .key(key)
                                .metadata(metadata)
                                .contentMD5(terms.md5Hex().isEmpty() ? null : terms.md5Base64()))));
    var headers = new HashMap<String, String>();
    metadata.forEach((metadatum, value) -> headers.put("x-amz-meta-" + metadatum, value));
    if (!terms.md5Hex().isEmpty()) {
      headers.put("Content-MD5", terms.md5Base64());
    }
    return Optional.of(new SignedRequest(signed.url().toString(), headers));
  }

  @Override
  public Optional<SignedRequest> signDownload(String key, Duration life) throws IOException {
    return call(
        "sign a download of",
        key,
        () ->
            Optional.of(
                new SignedRequest(
                    presigner
                        .presignGetObject(request ->
                            request
                                .signatureDuration(life)
                                .getObjectRequest(get ->
                                    get.bucket(name).key(key).responseContentType(shownType(key))))
                        .url()
                        .toString(),
                    Map.of())));
  }

  /**
   * The content type of an object in browsers. Tasks write decks without a type, and browsers only
   * show HTML with this one.
   */
  private static @Nullable String shownType(String key) {
    return key.endsWith(".html") ? "text/html; charset=utf-8" : null;
  }

  /** Does nothing: all buckets share the clients. */
  @Override
  public void close() {}
}
