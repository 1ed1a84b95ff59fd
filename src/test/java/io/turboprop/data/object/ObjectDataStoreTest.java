package io.turboprop.data.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.Outage;
import io.turboprop.data.object.ObjectSettings.Addressing;
import io.turboprop.data.object.ObjectSettings.S3;
import io.turboprop.setting.Section;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectDataStoreTest {
  private static final ByteString BYTES = ByteString.copyFromUtf8("some bytes");
  private static TestingS3 s3;

  @TempDir Path temporary;

  @BeforeAll
  static void start() {
    s3 = TestingS3.inProcess();
  }

  @AfterAll
  static void stop() throws Exception {
    s3.close();
  }

  @Test
  void theSchemeChoosesTheStore() throws IOException {
    var stores = TestingS3.open(s3.s3(), temporary.resolve("base").toString());
    assertThat(stores.base()).hasToString(temporary.resolve("base").toString());
    for (var uri : List.of(stores.base() + "/x", "file://" + stores.base() + "/y", "mem://z")) {
      var reference = new DataReference(uri);
      stores.write(reference, BYTES);
      assertThat(stores.read(reference, 100)).isEqualTo(BYTES);
      assertThat(stores.size(reference)).hasValue(BYTES.size());
    }
    assertThatThrownBy(() -> stores.read(new DataReference("s3://bucket/x"), 100))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContainingAll("s3://bucket/x", "turboprop.data.readable");
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket, s3://bucket/x, x",
    "s3://bucket/, s3://bucket/a/b, a/b",
    "s3://bucket/p/q/, s3://bucket/p/q/x, p/q/x",
    "s3://bucket/p, s3://bucket/p/x//y, p/x//y",
    "s3://bucket/p, s3://bucket/pq/x, ",
    "s3://bucket/p, s3://bucket/p, ",
    "s3://bucket/p, s3://bucket/x, ",
    "s3://bucket/p, s3://bucket/p/../x, ",
    "s3://bucket/p, s3://bucket/p/x/.., ",
    "s3://bucket/p, s3://bucket/p/./x, ",
    "s3://bucket, s3://bucket2/x, ",
    "s3://bucket/p, S3://bucket/p/x, ",
    "abfs://c@a.dfs.core.windows.net/p, abfs://c@a.dfs.core.windows.net/p/x, p/x"
  })
  void aPlaceHasTheKeysBelowItAndNoOthers(String place, String object, String key) {
    var location = ObjectLocation.of(new DataReference(place));
    var reference = new DataReference(object);
    assertThat(location.key(reference)).isEqualTo(Optional.ofNullable(key));
    location.key(reference).ifPresent(it -> assertThat(location.object(it)).isEqualTo(reference));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://", "s3:///x", "s3:/bucket", "s3://bucket/a/../b", "s3://b//x"})
  void aPlaceThatNamesNoBucketOrLeadsElsewhereIsRefused(String place) {
    assertThatThrownBy(() -> TestingS3.open(s3.s3(), place))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(place, "turboprop.data.base");
  }

  @Test
  void objectsAreReadOnlyWhereTheSettingsSaySo() throws IOException {
    var other = s3.open("other");
    var shared = new DataReference("s3://" + TestingS3.BUCKET + "/other/shared/x");
    var secret = new DataReference("s3://" + TestingS3.BUCKET + "/other/secret");
    other.write(shared, BYTES);
    other.write(secret, BYTES);
    var folder = Files.createDirectory(temporary.resolve("folder"));
    var file = new DataReference(Files.writeString(folder.resolve("x"), "x").toString());
    var store = s3.open("mine", "s3://" + TestingS3.BUCKET + "/other/shared/", folder.toString());

    assertThat(store.read(shared, 100)).isEqualTo(BYTES);
    assertThat(store.read(file, 100).toStringUtf8()).isEqualTo("x");
    assertThat(store.list(new DataReference("s3://" + TestingS3.BUCKET + "/other/shared")))
        .containsExactly(shared);
    assertThatThrownBy(() -> store.read(secret, 100)).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> store.list(new DataReference("s3://" + TestingS3.BUCKET)))
        .isInstanceOf(AccessDeniedException.class);
    for (var readOnly : List.of(shared, file)) {
      assertThatThrownBy(() -> store.write(readOnly, BYTES))
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(() -> store.delete(readOnly)).isInstanceOf(AccessDeniedException.class);
    }
    store.copy(shared, store.base().child("copy"));
    assertThat(store.read(store.base().child("copy"), 100)).isEqualTo(BYTES);
  }

  @Test
  void listsAndDeletesHaveAnyNumberOfPages() throws IOException {
    var store = s3.open("many");
    for (var number = 0; number < 1003; number++) {
      store.write(store.base().child("a/%04d".formatted(number)), ByteString.EMPTY);
    }
    assertThat(store.list(store.base().child("a")))
        .hasSize(1003)
        .isSortedAccordingTo(Comparator.comparing(DataReference::uri));
    store.delete(store.base().child("a"));
    assertThat(store.list(store.base())).isEmpty();
  }

  @Test
  void aTornUploadLeavesNoParts() throws IOException {
    var store = s3.open("torn");
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 7;
          }
        };
    assertThatThrownBy(
            () -> store.write(store.base().child("x"), endless, 2L * TestingS3.PART_BYTES))
        .isInstanceOf(DataStore.DataTooLargeException.class);
    try (var client = s3.client()) {
      assertThat(client.listMultipartUploads(request -> request.bucket(TestingS3.BUCKET)).uploads())
          .isEmpty();
    }
  }

  @Test
  void aBucketThatDoesNotExistIsNamedWhenTheEngineStarts() {
    assertThatThrownBy(() -> TestingS3.open(s3.s3(), "s3://no-such-bucket/x"))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("no-such-bucket", "does not exist", "turboprop.data.base");
  }

  @Test
  void aServiceThatIsAwayIsAnOutageAndNoReasonNotToStart() throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var away = at("http://127.0.0.1:" + port);
    var store = TestingS3.open(away, "s3://bucket/x");
    assertOutage(store);
  }

  @Test
  void aServiceThatDoesNotAnswerIsAnOutage() throws IOException {
    try (var silent = new ServerSocket(0)) {
      var slow = at("http://127.0.0.1:" + silent.getLocalPort());
      var calls = new ObjectSettings.Calls(Duration.ofMillis(200), 2, 4, TestingS3.PART_BYTES);
      var settings = TestingS3.settings(slow);
      var store =
          ConfiguredStores.open(
              new DataSettings(new DataReference("s3://bucket/x"), List.of(), true, 1000),
              new ObjectSettings(calls, settings.s3(), settings.gcs(), settings.azure()));
      assertOutage(store);
    }
  }

  private static void assertOutage(DataStore store) {
    var reference = store.base().child("y");
    assertThatThrownBy(() -> store.read(reference, 100))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NoSuchFileException.class)
        .satisfies(failure -> assertThat(Outage.isCauseOf(failure)).isTrue())
        .hasMessageContaining("s3://bucket/x/y");
  }

  private static S3 at(String endpoint) {
    return new S3(
        Optional.of(endpoint),
        Optional.empty(),
        Optional.of("us-east-1"),
        s3.s3().keys(),
        Addressing.AUTO);
  }

  @Test
  void aSchemeWithoutStoreIsRefusedWithTheSetting() {
    assertThatThrownBy(() -> TestingS3.open(s3.s3(), "hdfs://host/x"))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("hdfs://host/x", "turboprop.data.base");
    assertThatThrownBy(() -> s3.open("x", "hdfs://host/x"))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("hdfs://host/x", "turboprop.data.readable");
  }

  @Test
  void theDefaultsAreComplete() {
    var settings =
        ObjectSettings.from(
            Section.of(ConfigFactory.load("reference").getConfig("turboprop"), "data"));
    assertThat(settings.calls())
        .isEqualTo(new ObjectSettings.Calls(Duration.ofSeconds(30), 4, 64, 8 << 20));
    assertThat(settings.s3().keys()).isEmpty();
    assertThat(settings.s3().isPathStyle()).isFalse();
  }
}
