package io.turboprop.data.object;

import io.turboprop.data.DataStore.UnavailableException;
import io.turboprop.data.object.Bucket.RefusedException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says what a failed call to S3 means: a missing object, a refusal, or an outage. */
final class S3Failures {
  private static final Set<String> BAD_KEYS =
      Set.of("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken");
  private static final Set<String> OTHER_REGION =
      Set.of(
          "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException");
  private static final String SETTINGS = "turboprop.data.s3";

  private final String bucket;

  S3Failures(String bucket) {
    this.bucket = bucket;
  }

  /**
   * The exception for a failed call.
   *
   * @param key the key of the object, or the prefix of a list
   */
  IOException of(String operation, String key, SdkException e) {
    var uri = "s3://" + bucket + (key.isEmpty() ? "" : "/" + key);
    if (!(e instanceof SdkServiceException service)) {
      return away(operation, uri, e);
    }
    var code = code(service);
    if (code.equals("NoSuchBucket")) {
      return new RefusedException(
          "the bucket %s does not exist (turboprop.data.base or readable, %s.endpoint)"
              .formatted(bucket, SETTINGS),
          e);
    }
    return switch (service.statusCode()) {
      case 404 -> new NoSuchFileException(uri);
      case 403 -> forbidden(operation, uri, code, e);
      case 301, 400 ->
          OTHER_REGION.contains(code)
              ? new RefusedException(
                  "the bucket %s is in another region (%s.region): %s"
                      .formatted(bucket, SETTINGS, reason(e)),
                  e)
              : forbidden(operation, uri, code, e);
      default -> away(operation, uri, e);
    };
  }

  private static IOException away(String operation, String uri, SdkException failure) {
    return new UnavailableException(
        new IOException("can't %s %s: %s".formatted(operation, uri, reason(failure)), failure));
  }

  private static IOException forbidden(
      String operation, String uri, String code, SdkException failure) {
    if (BAD_KEYS.contains(code)) {
      return new RefusedException(
          "S3 does not accept the credentials to %s %s (%s.access-key-id, secret-access-key): %s"
              .formatted(operation, uri, SETTINGS, reason(failure)),
          failure);
    }
    return new RefusedException(
        "S3 refuses to %s %s; the policies of the bucket and of the engine's identity decide: %s"
            .formatted(operation, uri, reason(failure)),
        failure);
  }

  private static String code(SdkServiceException e) {
    return e instanceof S3Exception s3 && s3.awsErrorDetails() instanceof AwsErrorDetails details
        ? String.valueOf(details.errorCode())
        : "";
  }

  /** The first sentence only: the rest of a message is numbers of requests. */
  private static String reason(SdkException e) {
    if (e instanceof S3Exception s3
        && s3.awsErrorDetails() instanceof AwsErrorDetails details
        && details.errorMessage() != null) {
      return details.errorCode() + ": " + details.errorMessage();
    }
    return String.valueOf(e.getMessage());
  }
}
