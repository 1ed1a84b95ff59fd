package io.turboprop.data.object;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStores;
import io.turboprop.data.object.ObjectSettings.Addressing;
import io.turboprop.data.object.ObjectSettings.Azure;
import io.turboprop.data.object.ObjectSettings.Calls;
import io.turboprop.data.object.ObjectSettings.Gcs;
import io.turboprop.data.object.ObjectSettings.Keys;
import io.turboprop.data.object.ObjectSettings.S3;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.opendal.AsyncOperator;
import org.apache.opendal.ServiceConfig;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;

/**
 * An S3 server for tests: one in this process, which does not check signatures, or a real server
 * that the environment names ({@code AWS_ENDPOINT_URL} and AWS's keys).
 */
public final class TestingS3 implements AutoCloseable {
  public static final String BUCKET = "turboprop-test";
  public static final int PART_BYTES = 5 * 1024 * 1024;

  private final S3 settings;
  private final AutoCloseable server;

  private TestingS3(S3 settings, AutoCloseable server) {
    this.settings = settings;
    this.server = server;
    createBucket();
  }

  public static TestingS3 inProcess() {
    // It logs each object that does not exist, with a stack trace.
    ((Logger) LoggerFactory.getLogger("com.robothy")).setLevel(Level.OFF);
    var server = LocalS3.builder().port(-1).mode(LocalS3Mode.IN_MEMORY).build();
    server.start();
    return new TestingS3(
        s3("http://127.0.0.1:" + server.getPort(), new Keys("key", "secret", Optional.empty())),
        server::shutdown);
  }

  /** The server of the environment; empty if it names none. */
  public static Optional<TestingS3> ofEnvironment() {
    var endpoint = System.getenv("AWS_ENDPOINT_URL");
    return endpoint == null
        ? Optional.empty()
        : Optional.of(
            new TestingS3(
                s3(
                    endpoint,
                    new Keys(
                        System.getenv("AWS_ACCESS_KEY_ID"),
                        System.getenv("AWS_SECRET_ACCESS_KEY"),
                        Optional.empty())),
                () -> {}));
  }

  private static S3 s3(String endpoint, Keys keys) {
    return new S3(
        Optional.of(endpoint),
        Optional.empty(),
        Optional.of("us-east-1"),
        Optional.of(keys),
        Addressing.AUTO);
  }

  private void createBucket() {
    try (var client = client()) {
      client.createBucket(request -> request.bucket(BUCKET));
    } catch (BucketAlreadyOwnedByYouException _) {
      // An earlier run of the tests has created it.
    }
  }

  /** A client of its own, for what the store does not do. */
  public S3Client client() {
    return S3Clients.client(settings, calls());
  }

  public S3 s3() {
    return settings;
  }

  /** Calls that are tried twice, and have time on a busy machine. */
  static Calls calls() {
    return new Calls(Duration.ofSeconds(30), 2, 16, PART_BYTES);
  }

  static ObjectSettings settings(S3 s3) {
    return new ObjectSettings(
        calls(),
        s3,
        new Gcs(Optional.empty(), Optional.empty()),
        new Azure(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  /** The stores of an engine whose data are below a prefix of the bucket. */
  public DataStores open(String prefix, String... readable) throws IOException {
    return open(settings, "s3://" + BUCKET + "/" + prefix, readable);
  }

  static DataStores open(S3 s3, String base, String... readable) throws IOException {
    var references = List.of(readable).stream().map(DataReference::new).toList();
    return ConfiguredStores.open(
        new DataSettings(new DataReference(base), references, true, 1000), settings(s3));
  }

  /** A store in the same bucket, over the library that reaches Google and Azure. */
  DataStore openByOpenDal(String prefix) {
    var keys = settings.keys().orElseThrow();
    var service =
        ServiceConfig.S3
            .builder()
            .bucket(BUCKET)
            .endpoint(settings.endpoint().orElseThrow())
            .region("us-east-1")
            .accessKeyId(keys.accessKeyId())
            .secretAccessKey(keys.secretAccessKey())
            .build();
    var location = ObjectLocation.of(new DataReference("s3://" + BUCKET + "/" + prefix));
    var bucket =
        new OpenDalBucket(
            "s3://" + BUCKET, AsyncOperator.of(service), calls(), Map.of("x-test", "yes"));
    return new ObjectDataStore(
        location.reference(), List.of(new ObjectDataStore.Place(location, bucket, true)));
  }

  @Override
  public void close() throws Exception {
    server.close();
  }
}
