package io.turboprop.admin.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import flyteidl.service.Dataproxy.CreateDownloadLocationRequest;
import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import flyteidl.service.Dataproxy.CreateUploadLocationResponse;
import io.grpc.StatusRuntimeException;
import io.turboprop.admin.executions.TestingAdmin;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.DataReference;
import io.turboprop.data.Md5;
import io.turboprop.data.object.TestingS3;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads and downloads whose links the object store signs itself. */
@Tag("integration")
class StoreSignedLinksTest {
  private static final byte[] CODE = "print('hello')".getBytes(UTF_8);
  private static final byte[] OTHER = "print('other')".getBytes(UTF_8);

  @TempDir private static Path folder;
  private static Optional<TestingS3> real;
  private static TestingS3 s3;
  private static String root;
  private static TestingAdmin api;

  @BeforeAll
  static void start() throws IOException {
    real = TestingS3.ofEnvironment();
    s3 = real.orElseGet(TestingS3::inProcess);
    root = "links/" + UUID.randomUUID();
    api =
        new TestingAdmin(
            folder, "public-url = \"http://console.test\", upload-max = 1KiB", s3.open(root));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
    s3.close();
  }

  @Test
  void anUploadGoesToTheStoreItself() throws Exception {
    var location = locate(upload(CODE, "fast1.tar.gz"));
    assertThat(location.getNativeUrl())
        .startsWith("s3://" + TestingS3.BUCKET + "/" + root + "/uploads/flytesnacks/development/")
        .endsWith("/fast1.tar.gz");
    assertThat(location.getSignedUrl()).startsWith(s3.s3().endpoint().orElseThrow());
    assertThat(location.getHeadersMap())
        .containsOnlyKeys("Content-MD5", "x-amz-meta-flyteContentMD5");
    assertThat(put(location, CODE).statusCode()).isEqualTo(200);
    assertThat(locate(upload(CODE, "fast1.tar.gz")).getNativeUrl())
        .isEqualTo(location.getNativeUrl());

    var url = download(location.getNativeUrl());
    assertThat(url).startsWith(s3.s3().endpoint().orElseThrow());
    assertThat(api.http("GET", url, new byte[0]).body()).isEqualTo(CODE);
  }

  @Test
  void otherContentThanAnnouncedIsNotStored() throws Exception {
    assumeTrue(real.isPresent(), "AWS_ENDPOINT_URL names no S3 server that checks signatures");
    var location = locate(upload(CODE, "other.tar.gz"));
    assertThat(put(location, OTHER).statusCode()).isEqualTo(400);
    assertThat(api.http("PUT", location.getSignedUrl(), OTHER).statusCode()).isEqualTo(403);
    var changed = location.toBuilder().putAllHeaders(locate(upload(OTHER, "x")).getHeadersMap());
    assertThat(put(changed.build(), OTHER).statusCode()).isEqualTo(403);
    assertThat(api.http("PUT", location.getSignedUrl() + "0", CODE).statusCode()).isEqualTo(403);
  }

  @Test
  void streamingWritersAnnounceNothing() throws Exception {
    var location =
        locate(
            CreateUploadLocationRequest.newBuilder()
                .setProject("flytesnacks")
                .setDomain("development")
                .setFilenameRoot("stream"));
    assertThat(location.getHeadersMap()).isEmpty();
    assertThat(put(location, CODE).statusCode()).isEqualTo(200);
  }

  @Test
  void aLocationOfTheClientsChoiceKeepsItsContent() throws Exception {
    var chosen = upload(CODE, "data.csv").setFilenameRoot("chosen");
    put(locate(chosen), CODE);
    assertThat(put(locate(chosen), CODE).statusCode()).isEqualTo(200);
    var other = upload(OTHER, "data.csv").setFilenameRoot("chosen");
    assertThatThrownBy(() -> locate(other))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("ALREADY_EXISTS");
  }

  @Test
  void aPageOfThisServerUploadsThroughIt() throws Exception {
    var place = api.data.uploadThroughServer("flytesnacks", "development", "data 1.csv");
    assertThat(place.url()).startsWith("http://console.test/dataproxy/objects/uploads/");
    assertThat(place.uri())
        .startsWith("s3://" + TestingS3.BUCKET + "/" + root + "/uploads/flytesnacks/development/")
        .endsWith("/data 1.csv");
    var link = place.url().replaceFirst("^http://console.test", "");
    assertThat(api.http("PUT", link, new byte[1025]).statusCode()).isEqualTo(413);
    assertThat(api.http("PUT", link + "0", CODE).statusCode()).isEqualTo(403);
    assertThat(api.http("PUT", link, CODE).statusCode()).isEqualTo(200);
    assertThat(api.store.read(new DataReference(place.uri()), CODE.length).toByteArray())
        .isEqualTo(CODE);
    assertThat(api.data.uploadThroughServer("flytesnacks", "development", "data 1.csv").uri())
        .isNotEqualTo(place.uri());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/../../b", "/a", "a\0b"})
  void aPageUploadsNothingElsewhere(String name) {
    assertThatThrownBy(() -> api.data.uploadThroughServer("flytesnacks", "development", name))
        .isInstanceOf(AdminException.class);
  }

  @Test
  void aDeckIsShownAsAPage() throws IOException {
    var deck = api.store.base().child("deck.html");
    api.store.write(deck, ByteString.copyFromUtf8("<p>"));
    assertThat(download(deck.uri())).contains("response-content-type=text%2Fhtml");
  }

  private static String download(String uri) {
    return api.dataProxy()
        .createDownloadLocation(
            CreateDownloadLocationRequest.newBuilder().setNativeUrl(uri).build())
        .getSignedUrl();
  }

  @Test
  void nothingOutsideOfTheStoreIsSigned() {
    var request =
        CreateDownloadLocationRequest.newBuilder()
            .setNativeUrl("s3://" + TestingS3.BUCKET + "/elsewhere")
            .build();
    assertThatThrownBy(() -> api.dataProxy().createDownloadLocation(request))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContainingAll("PERMISSION_DENIED", "turboprop.data.readable");
  }

  private static CreateUploadLocationRequest.Builder upload(byte[] content, String filename)
      throws IOException {
    var md5 = HexFormat.of().parseHex(Md5.hex(ByteString.copyFrom(content).newInput()));
    return CreateUploadLocationRequest.newBuilder()
        .setProject("flytesnacks")
        .setDomain("development")
        .setFilename(filename)
        .setContentMd5(ByteString.copyFrom(md5))
        .setAddContentMd5Metadata(true);
  }

  private static CreateUploadLocationResponse locate(CreateUploadLocationRequest.Builder request) {
    return api.dataProxy().createUploadLocation(request.build());
  }

  private static HttpResponse<byte[]> put(CreateUploadLocationResponse location, byte[] content)
      throws Exception {
    var headers = new ArrayList<String>();
    location.getHeadersMap().forEach((name, value) -> headers.addAll(Arrays.asList(name, value)));
    return api.http("PUT", location.getSignedUrl(), content, headers.toArray(String[]::new));
  }
}
