package io.turboprop.data.object;

import com.typesafe.config.Config;
import io.turboprop.setting.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of object stores: the sections {@code object-store}, {@code s3}, {@code gcs} and
 * {@code azure} of {@code turboprop.data}.
 *
 * @param calls the limits of calls to any store
 */
public record ObjectSettings(Calls calls, S3 s3, Gcs gcs, Azure azure) {

  /** The smallest part of an upload that S3 accepts. */
  private static final int PART_BYTES_MIN = 5 * 1024 * 1024;

  /**
   * How calls are made.
   *
   * @param timeout the limit of one try of a call
   * @param triesMax how often a call is tried in all
   * @param connectionsMax the most connections to one store
   * @param partBytes an object up to this size is written by one call, a larger one in such parts
   */
  public record Calls(Duration timeout, int triesMax, int connectionsMax, int partBytes) {}

  /** Where the addresses of S3 have the bucket. */
  public enum Addressing {
    /** In the path if an endpoint is set, else in the host name. */
    AUTO,
    PATH,
    VIRTUAL
  }

  /**
   * S3 and what is compatible with it. Empty credentials stand for those that AWS's client finds:
   * environment, profile, container or instance.
   */
  public record S3(
      Optional<String> endpoint,
      Optional<String> publicEndpoint,
      Optional<String> region,
      Optional<Keys> keys,
      Addressing addressing) {

    /** Whether the bucket is a part of the path. */
    boolean isPathStyle() {
      return switch (addressing) {
        case AUTO -> endpoint.isPresent();
        case PATH -> true;
        case VIRTUAL -> false;
      };
    }
  }

  /** Credentials of S3. */
  public record Keys(String accessKeyId, String secretAccessKey, Optional<String> sessionToken) {
    /** Keeps the secret out of logs. */
    @Override
    public String toString() {
      return "keys of " + accessKeyId;
    }
  }

  /**
   * Google Cloud Storage.
   *
   * @param credentialFile a JSON key of a service account; else Google's default credentials
   */
  public record Gcs(Optional<String> endpoint, Optional<String> credentialFile) {}

  /** Azure Blob Storage; without key and token the identity of the workload or the machine. */
  public record Azure(
      Optional<String> endpoint,
      Optional<String> account,
      Optional<String> accountKey,
      Optional<String> sasToken) {
    /** Keeps the secrets out of logs. */
    @Override
    public String toString() {
      return "account " + account;
    }
  }

  /** Reads the sections of {@code turboprop.data}. */
  public static ObjectSettings from(Section data) {
    var calls = data.section("object-store");
    return new ObjectSettings(
        new Calls(
            calls.pause("timeout"),
            calls.number("tries-max", 1),
            calls.number("connections-max", 1),
            calls.bytes("part-size", PART_BYTES_MIN)),
        s3(data.section("s3").config()),
        gcs(data.section("gcs").config()),
        azure(data.section("azure").config()));
  }

  private static S3 s3(Config s3) {
    return new S3(
        given(s3, "endpoint"),
        given(s3, "public-endpoint"),
        given(s3, "region"),
        given(s3, "access-key-id")
            .map(key ->
                new Keys(key, s3.getString("secret-access-key"), given(s3, "session-token"))),
        s3.getEnum(Addressing.class, "addressing"));
  }

  private static Gcs gcs(Config gcs) {
    return new Gcs(given(gcs, "endpoint"), given(gcs, "credential-file"));
  }

  private static Azure azure(Config azure) {
    return new Azure(
        given(azure, "endpoint"),
        given(azure, "account"),
        given(azure, "account-key"),
        given(azure, "sas-token"));
  }

  private static Optional<String> given(Config section, String key) {
    return Optional.of(section.getString(key)).filter(text -> !text.isBlank());
  }
}
