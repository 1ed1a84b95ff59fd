package io.turboprop.data.object;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Opens buckets; buckets of one service share its client and its connections. */
final class Buckets {
  /** The schemes of the URIs of object stores. */
  static final Set<String> SCHEMES = Set.of("s3");

  private final ObjectSettings settings;
  private @Nullable S3Client s3;
  private @Nullable S3Presigner s3Signer;

  Buckets(ObjectSettings settings) {
    this.settings = settings;
  }

  /**
   * Opens the bucket of a location.
   *
   * @throws IOException when the settings of its service are incomplete
   */
  Bucket open(String scheme, ObjectLocation location) throws IOException {
    return switch (scheme) {
      case "s3" -> s3(location.authority());
      default -> throw new IOException("no blob store has URIs like " + location.reference());
    };
  }

  private Bucket s3(String bucket) {
    var client = s3 == null ? S3Clients.client(settings.s3(), settings.calls()) : s3;
    var signer = s3Signer == null ? S3Clients.presigner(settings.s3()) : s3Signer;
    s3 = client;
    s3Signer = signer;
    return new S3Bucket(bucket, client, signer, settings.calls().partBytes());
  }
}
