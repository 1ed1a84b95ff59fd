package io.turboprop.data.object;

import io.turboprop.data.object.ObjectSettings.Azure;
import io.turboprop.data.object.ObjectSettings.Gcs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.opendal.AsyncOperator;
import org.apache.opendal.OpenDALException;
import org.apache.opendal.ServiceConfig;
import org.apache.opendal.layer.RetryLayer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Opens buckets; buckets of one service share its client and its connections. */
final class Buckets {
  /** The schemes of the URIs of object stores. */
  static final Set<String> SCHEMES = Set.of("s3", "gs", "abfs", "abfss", "az");

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
      case "gs" ->
          openDal(
              "gs://" + location.authority(), gcs(settings.gcs(), location.authority()), Map.of());
      case "abfs", "abfss", "az" ->
          openDal(
              scheme + "://" + location.authority(),
              azure(settings.azure(), location.authority()),
              Map.of("x-ms-blob-type", "BlockBlob"));
      default -> throw new IOException("no blob store has URIs like " + location.reference());
    };
  }

  private Bucket openDal(String uri, ServiceConfig service, Map<String, String> uploadHeaders)
      throws IOException {
    try (var operator = AsyncOperator.of(service)) {
      var retrying =
          operator.layer(
              RetryLayer.builder().maxTimes(settings.calls().triesMax() - 1L).jitter(true).build());
      return new OpenDalBucket(uri, retrying, settings.calls(), uploadHeaders);
    } catch (OpenDALException e) {
      throw new IOException(
          "the settings for %s are not complete (turboprop.data.gcs or azure): %s"
              .formatted(uri, e.getMessage()),
          e);
    } catch (UncheckedIOException | LinkageError e) {
      throw new IOException(
          "Apache OpenDAL, which reads and writes %s, does not run on this machine: %s"
              .formatted(uri, e.getMessage()),
          e);
    }
  }

  private static ServiceConfig gcs(Gcs gcs, String bucket) {
    var config = ServiceConfig.Gcs.builder().bucket(bucket);
    gcs.endpoint().ifPresent(config::endpoint);
    gcs.credentialFile().ifPresent(config::credentialPath);
    return config.build();
  }

  /**
   * @param authority the container, perhaps with the account: {@code
   *     container@account.dfs.core.windows.net}
   */
  private static ServiceConfig azure(Azure azure, String authority) throws IOException {
    var at = authority.indexOf('@');
    var account =
        azure
            .account()
            .or(() ->
                at < 0
                    ? Optional.empty()
                    : Optional.of(authority.substring(at + 1).split("\\.", 2)[0]))
            .orElseThrow(() -> new IOException("turboprop.data.azure.account is not set"));
    var config =
        ServiceConfig.Azblob.builder()
            .container(at < 0 ? authority : authority.substring(0, at))
            .accountName(account)
            .endpoint(azure.endpoint().orElse("https://" + account + ".blob.core.windows.net"));
    azure.accountKey().ifPresent(config::accountKey);
    azure.sasToken().ifPresent(config::sasToken);
    return config.build();
  }

  private Bucket s3(String bucket) {
    var client = s3 == null ? S3Clients.client(settings.s3(), settings.calls()) : s3;
    var signer = s3Signer == null ? S3Clients.presigner(settings.s3()) : s3Signer;
    s3 = client;
    s3Signer = signer;
    return new S3Bucket(bucket, client, signer, settings.calls().partBytes());
  }
}
