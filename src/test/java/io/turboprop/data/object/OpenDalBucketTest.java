package io.turboprop.data.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.Outage;
import io.turboprop.data.UploadTerms;
import io.turboprop.setting.Section;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Google Cloud Storage and Azure as far as they go without the services. */
class OpenDalBucketTest {
  private static final String KEY = Base64.getEncoder().encodeToString("a key".getBytes());

  /** Google's client looks long for credentials of the machine where none are given. */
  private static final String IMPATIENT = "object-store { timeout = 500ms, tries-max = 1 }";

  private static final UploadTerms ANY = new UploadTerms(Duration.ofMinutes(5), "", true);

  @ParameterizedTest
  @ValueSource(
      strings = {"abfs://container/prefix", "az://container/prefix", "abfss://c@account.x/prefix"})
  void azureSignsUploadsAndDownloads(String base) throws IOException {
    var store = open(base, "azure { account = account, account-key = \"%s\" }".formatted(KEY));
    var reference = store.base().child("x");

    var upload = store.signUpload(reference, ANY).orElseThrow();
    assertThat(upload.url())
        .startsWith("https://account.blob.core.windows.net/")
        .contains("/prefix/x?", "sig=");
    assertThat(upload.headers()).containsEntry("x-ms-blob-type", "BlockBlob");
    assertThat(store.signDownload(reference, ANY.life()).orElseThrow().url()).contains("sig=");
  }

  @Test
  void azureNeedsAnAccount() {
    assertThatThrownBy(() -> open("abfs://container/x", ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("turboprop.data.azure.account");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs://bucket/x", "abfs://container/x"})
  void aServiceThatIsAwayIsAnOutage(String base) throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var store =
        open(
            base,
            """
            gcs.endpoint = "http://127.0.0.1:%d"
            azure { endpoint = "http://127.0.0.1:%d", account = a, account-key = "%s" }
            """
                .formatted(port, port, KEY));
    assertThatThrownBy(() -> store.write(store.base().child("y"), ByteString.EMPTY))
        .satisfies(failure -> assertThat(Outage.isCauseOf(failure)).isTrue())
        .hasMessageContaining(base + "/y");
  }

  @Test
  void nothingElsewhereIsRead() throws IOException {
    var store = open("gs://bucket/x", "gcs.endpoint = \"http://127.0.0.1:1\"");
    assertThatThrownBy(() -> store.read(new DataReference("gs://bucket/y"), 1))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void theUploadOfALargeObjectThatBreaksOffLeavesNothing() throws Exception {
    try (var s3 = TestingS3.inProcess()) {
      var store = s3.openByOpenDal("broken");
      var reference = store.base().child("x");
      var endless =
          new InputStream() {
            @Override
            public int read() {
              return 7;
            }
          };
      assertThatThrownBy(() -> store.write(reference, endless, TestingS3.PART_BYTES + 10L))
          .isInstanceOf(DataStore.DataTooLargeException.class);
      assertThat(store.list(store.base())).isEmpty();
      var whole = new ByteArrayInputStream(new byte[TestingS3.PART_BYTES + 10]);
      store.write(reference, whole, Long.MAX_VALUE);
      assertThat(store.size(reference)).hasValue(TestingS3.PART_BYTES + 10);
    }
  }

  private static DataStore open(String base, String data) throws IOException {
    var defaults = ConfigFactory.load("reference").getConfig("turboprop.data");
    var config =
        ConfigFactory.parseString(data)
            .withFallback(ConfigFactory.parseString(IMPATIENT))
            .withFallback(defaults);
    return ConfiguredStores.open(
        new DataSettings(new DataReference(base), List.of(), true, 1000),
        ObjectSettings.from(new Section(config, "turboprop.data")));
  }
}
