package io.turboprop.data.object;

import io.turboprop.data.object.ObjectSettings.Calls;
import io.turboprop.data.object.ObjectSettings.Keys;
import io.turboprop.data.object.ObjectSettings.S3;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Builds AWS's clients from the settings. */
final class S3Clients {
  private S3Clients() {}

  /** A client for all buckets. */
  static S3Client client(S3 s3, Calls calls) {
    var builder =
        S3Client.builder()
            .region(region(s3))
            .credentialsProvider(credentials(s3.keys()))
            .forcePathStyle(s3.isPathStyle())
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(calls.connectionsMax())
                    .connectionAcquisitionTimeout(calls.timeout())
                    .connectionTimeout(calls.timeout())
                    .socketTimeout(calls.timeout()))
            .overrideConfiguration(override ->
                override
                    .apiCallAttemptTimeout(calls.timeout())
                    .retryStrategy(
                        DefaultRetryStrategy.standardStrategyBuilder()
                            .maxAttempts(calls.triesMax())
                            .circuitBreakerEnabled(false)
                            .build()));
    if (s3.endpoint().isPresent()) {
      // Compatible stores do not know all of AWS's checksums.
      builder
          .endpointOverride(URI.create(s3.endpoint().get()))
          .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
          .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }
    return builder.build();
  }

  /** Signs requests of clients, to the endpoint that clients reach. */
  static S3Presigner presigner(S3 s3) {
    var builder =
        S3Presigner.builder()
            .region(region(s3))
            .credentialsProvider(credentials(s3.keys()))
            .serviceConfiguration(
                S3Configuration.builder().pathStyleAccessEnabled(s3.isPathStyle()).build());
    s3.publicEndpoint()
        .or(s3::endpoint)
        .ifPresent(endpoint -> builder.endpointOverride(URI.create(endpoint)));
    return builder.build();
  }

  private static Region region(S3 s3) {
    return s3.region().map(Region::of).orElseGet(S3Clients::surroundingRegion);
  }

  /** The region of the environment, the profile or the instance, else that of old buckets. */
  private static Region surroundingRegion() {
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkClientException _) {
      return Region.US_EAST_1;
    }
  }

  private static AwsCredentialsProvider credentials(Optional<Keys> keys) {
    return keys.<AwsCredentialsProvider>map(
            given -> {
              var id = given.accessKeyId();
              var secret = given.secretAccessKey();
              return StaticCredentialsProvider.create(
                  given
                      .sessionToken()
                      .<AwsCredentials>map(token -> AwsSessionCredentials.create(id, secret, token))
                      .orElseGet(() -> AwsBasicCredentials.create(id, secret)));
            })
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }
}
