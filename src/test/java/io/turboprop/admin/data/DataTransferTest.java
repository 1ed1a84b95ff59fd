package io.turboprop.admin.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.service.Dataproxy.CreateDownloadLinkRequest;
import flyteidl.service.Dataproxy.CreateDownloadLocationRequest;
import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import flyteidl.service.Dataproxy.CreateUploadLocationResponse;
import flyteidl.service.Dataproxy.GetDataRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.admin.executions.TestingAdmin;
import io.turboprop.data.DataReference;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class DataTransferTest {
  private static final byte[] CODE = "print('hello')".getBytes(UTF_8);

  @TempDir private static Path folder;
  private static TestingAdmin api;

  @BeforeAll
  static void start() throws IOException {
    api = new TestingAdmin(folder, "upload-max = 1MiB");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theLocationOfUploadedCodeDerivesFromItsContent() throws Exception {
    var location = locate(upload(CODE, "fast1.tar.gz"));
    assertThat(location.getNativeUrl())
        .isEqualTo(
            folder.resolve("data").toAbsolutePath()
                + "/uploads/flytesnacks/development/"
                + UploadDestination.base32(md5(CODE))
                + "/fast1.tar.gz");
    assertThat(put(location, CODE, "Content-MD5", base64(md5(CODE))).statusCode()).isEqualTo(200);
    assertThat(Files.readAllBytes(Path.of(location.getNativeUrl()))).isEqualTo(CODE);
    assertThat(locate(upload(CODE, "fast1.tar.gz")).getNativeUrl())
        .isEqualTo(location.getNativeUrl());
    assertThat(put(location, CODE).statusCode()).isEqualTo(200);
  }

  @Test
  void otherContentThanAnnouncedIsNotStored() throws Exception {
    var location = locate(upload(CODE, "other.tar.gz"));
    var other = "something else".getBytes(UTF_8);
    assertThat(put(location, other).statusCode()).isEqualTo(400);
    assertThat(put(location, other, "Content-MD5", base64(md5(other))).statusCode()).isEqualTo(400);
    assertThat(put(location, other, "Content-MD5", "no base64").statusCode()).isEqualTo(400);
    assertThat(Path.of(location.getNativeUrl())).doesNotExist();
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
    assertThat(put(location, CODE, "x-amz-meta-anything", "x").statusCode()).isEqualTo(200);
    assertThat(Files.readAllBytes(Path.of(location.getNativeUrl()))).isEqualTo(CODE);
  }

  @Test
  void aLocationOfTheClientsChoiceKeepsItsContent() throws Exception {
    var chosen = upload(CODE, "data.csv").setFilenameRoot("chosen");
    put(locate(chosen), CODE);
    assertThat(put(locate(chosen), CODE).statusCode()).isEqualTo(200);
    var other = chosen.clone().setContentMd5(ByteString.copyFrom(md5(new byte[] {1})));
    assertRefused(Code.ALREADY_EXISTS, () -> locate(other));
    assertRefused(Code.ALREADY_EXISTS, () -> locate(chosen.clone().clearContentMd5()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          signature=  | signature=0
          expires=    | expires=9
          md5=        | md5=a
          /objects/   | /objects/x
          changed.bin | renamed.bin
          .bin?       | .bin/../../../../../escaped?
          """)
  void aChangedLinkOpensNothing(String part, String changed) throws Exception {
    var location = locate(upload(CODE, "changed.bin"));
    var url = location.getSignedUrl().replace(part, changed);
    assertThat(url).isNotEqualTo(location.getSignedUrl());
    assertThat(api.http("PUT", url, CODE).statusCode()).isIn(403, 400);
    assertThat(Path.of(location.getNativeUrl())).doesNotExist();
  }

  @Test
  void aLinkWithoutAnySignatureOpensNothing() throws Exception {
    assertThat(api.http("PUT", Links.PREFIX + "a/b", CODE).statusCode()).isEqualTo(403);
    assertThat(api.http("GET", Links.PREFIX + "a/b?signature=x&expires=x", CODE).statusCode())
        .isEqualTo(403);
    assertThat(api.http("GET", Links.PREFIX, CODE).statusCode()).isEqualTo(403);
  }

  @Test
  void aLinkIsForOneMethodAndForAWhile() throws Exception {
    var location = locate(upload(CODE, "late.bin"));
    put(location, CODE);
    assertThat(api.http("GET", location.getSignedUrl(), new byte[0]).statusCode()).isEqualTo(403);
    assertThat(api.http("POST", location.getSignedUrl(), CODE).statusCode()).isEqualTo(405);
    api.clock.pass(Duration.ofMinutes(61));
    assertThat(put(location, CODE).statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../../etc/passwd", "a/../../b", "..", ".", "a/./b"})
  void aLocationOutsideOfTheFolderIsRefused(String name) {
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, name)));
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").setFilenameRoot(name)));
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").setDomain(name)));
  }

  @Test
  void aNameThatNoStoreCanHoldIsRefusedBeforeTheUpload() throws Exception {
    for (var name :
        new String[] {"x".repeat(256), "ä".repeat(128), "a\0b", "a//b", "/a", "a/", "/"}) {
      assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, name)));
    }
    var deep = String.join("/", Collections.nCopies(20, "x".repeat(50)));
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, deep)));
    assertRefused(
        Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").setFilenameRoot("r".repeat(256))));
    assertThat(put(locate(upload(CODE, "x".repeat(255))), CODE).statusCode()).isEqualTo(200);
    assertThat(put(locate(upload(CODE, "a/b/ä ?.bin")), CODE).statusCode()).isEqualTo(200);
  }

  @Test
  void anUploadNeedsProjectDomainAndADirectory() {
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").clearProject()));
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").clearDomain()));
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").clearContentMd5()));
    var short5 = ByteString.copyFrom(new byte[5]);
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(upload(CODE, "x").setContentMd5(short5)));
    var long5 = upload(CODE, "x");
    long5.getExpiresInBuilder().setSeconds(7200);
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(long5));
    var past = upload(CODE, "x");
    past.getExpiresInBuilder().setSeconds(-1);
    assertRefused(Code.INVALID_ARGUMENT, () -> locate(past));
  }

  @Test
  void aFileThatIsTooLargeIsRefusedAndNotStored() throws Exception {
    var large = new byte[1024 * 1024 + 1];
    var location = locate(upload(large, "large.bin"));
    assertThat(put(location, large).statusCode()).isEqualTo(413);
    assertThat(Path.of(location.getNativeUrl())).doesNotExist();
    var fits = new byte[1024 * 1024];
    assertThat(put(locate(upload(fits, "fits.bin")), fits).statusCode()).isEqualTo(200);
  }

  @Test
  void objectsComeDownByLink() throws Exception {
    var deck = api.store.base().child("metadata/some node/deck=1.html");
    api.store.write(deck, ByteString.copyFromUtf8("<b>deck</b>"));
    var link = download(deck);
    var answer = api.http("GET", link, new byte[0]);
    assertThat(answer.body()).isEqualTo("<b>deck</b>".getBytes(UTF_8));
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(api.http("HEAD", link, new byte[0]).headers().firstValue("content-length"))
        .hasValue("11");
    assertThat(api.http("GET", download(api.store.base().child("none")), new byte[0]).statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          bytes=0-3    | 206 | 0123       | bytes 0-3/10
          bytes=4-     | 206 | 456789     | bytes 4-9/10
          bytes=-3     | 206 | 789        | bytes 7-9/10
          bytes=-99    | 206 | 0123456789 | bytes 0-9/10
          bytes=8-99   | 206 | 89         | bytes 8-9/10
          Bytes=9-9    | 206 | 9          | bytes 9-9/10
          bytes=10-    | 416 | -          | bytes */10
          bytes=-0     | 416 | -          | bytes */10
          bytes=0-1,5- | 200 | 0123456789 | -
          bytes=5-1    | 200 | 0123456789 | -
          bytes=-      | 200 | 0123456789 | -
          lines=0-1    | 200 | 0123456789 | -
          bytes=99999999999999999999- | 200 | 0123456789 | -
          """)
  void aPartOfAnObjectComesDown(String range, int status, String body, String contentRange)
      throws Exception {
    var digits = api.store.base().child("digits");
    api.store.write(digits, ByteString.copyFromUtf8("0123456789"));
    Files.writeString(folder.resolve("logs/digits"), "0123456789");
    for (var path : new String[] {download(digits), "/logs/digits"}) {
      var answer = api.http("GET", path, new byte[0], "Range", range);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("content-range"))
          .isEqualTo(Optional.ofNullable(contentRange));
      if (body != null) {
        assertThat(new String(answer.body(), UTF_8)).isEqualTo(body);
        assertThat(answer.headers().firstValue("accept-ranges")).hasValue("bytes");
      }
    }
  }

  @Test
  void aRangeWithAConditionGivesTheWholeFile() throws Exception {
    var digits = api.store.base().child("digits");
    api.store.write(digits, ByteString.copyFromUtf8("0123456789"));
    var answer =
        api.http("GET", download(digits), new byte[0], "Range", "bytes=1-2", "If-Range", "\"x\"");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).hasSize(10);
  }

  @Test
  void aFileLargerThanAMessageGoesUpWithItsLengthAnnounced() throws Exception {
    var large = new byte[256 * 1024];
    try (var strict = new TestingAdmin(folder, "upload-max = 1MiB, message-max = 16KiB")) {
      var location = strict.dataProxy().createUploadLocation(upload(large, "40.bin").build());
      assertThat(strict.http("PUT", location.getSignedUrl(), large).statusCode()).isEqualTo(200);
      assertThat(Path.of(location.getNativeUrl())).hasSize(large.length);
    }
  }

  @Test
  void aScriptInADeckReachesNothing() throws Exception {
    var deck = api.store.base().child("script.html");
    api.store.write(deck, ByteString.copyFromUtf8("<script></script>"));
    var headers = api.http("GET", download(deck), new byte[0]).headers();
    assertThat(headers.firstValue("content-security-policy").orElseThrow())
        .startsWith("sandbox allow-scripts; default-src 'none'")
        .doesNotContain("allow-same-origin", "connect-src");
    assertThat(headers.firstValue("x-content-type-options")).hasValue("nosniff");
  }

  @Test
  void anEmptyObjectComesDownToo() throws Exception {
    var empty = api.store.base().child("empty");
    api.store.write(empty, ByteString.EMPTY);
    var answer = api.http("GET", download(empty), new byte[0]);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "file:///etc/passwd", "s3://bucket/key", "x", "BASE/../x"})
  void nothingElseComesDown(String url) {
    var reference = new DataReference(url.replace("BASE", api.store.base().uri()));
    assertRefused(Code.PERMISSION_DENIED, () -> download(reference));
  }

  @Test
  void addressesOfDataAreReadStrictly() {
    assertRefused(Code.INVALID_ARGUMENT, () -> data("flyte://v1/p/d/e"));
    assertRefused(Code.INVALID_ARGUMENT, () -> data("flyte://v1/p/d/e/n/x"));
    assertRefused(Code.INVALID_ARGUMENT, () -> data("flyte://v1/p/d/e/n/0/d"));
    assertRefused(Code.INVALID_ARGUMENT, () -> data("flyte://v1/p/d/e/n/99999999999/i"));
    assertRefused(Code.NOT_FOUND, () -> data("flyte://v1/p/d/e/n/d"));
    assertRefused(Code.NOT_FOUND, () -> data("flyte://v1/p/d/e/n/o/o0"));
    assertRefused(
        Code.INVALID_ARGUMENT,
        () -> api.dataProxy().createDownloadLink(CreateDownloadLinkRequest.getDefaultInstance()));
  }

  @Test
  void logsAreServedAsTextAndNothingBesides() throws Exception {
    Files.writeString(folder.resolve("logs").resolve("task.log"), "line 1\n");
    Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(folder.resolve("logs").resolve("link"), folder.resolve("secret"));
    var log = api.http("GET", "/logs/task.log", new byte[0]);
    assertThat(new String(log.body(), UTF_8)).isEqualTo("line 1\n");
    assertThat(log.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    for (var path :
        new String[] {"none", "", "link", "../secret", "%2e%2e/secret", "%2Fetc%2Fpasswd", "%00"}) {
      assertThat(api.http("GET", "/logs/" + path, new byte[0]).statusCode())
          .describedAs(path)
          .isIn(400, 404);
    }
  }

  @Test
  void aConfiguredKeyComesBeforeTheSharedOne() {
    var grant = new LinkSigner.Grant("GET", "a", api.clock.instant(), "");
    var key = "A".repeat(43) + "=";
    assertThat(LinkSigner.of(Optional.of(key), () -> new byte[0]).sign(grant))
        .isEqualTo(LinkSigner.of(Optional.empty(), () -> new byte[32]).sign(grant));
    assertThatThrownBy(() -> LinkSigner.of(Optional.of("c2hvcnQ="), () -> new byte[32]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void data(String url) {
    var _ = api.dataProxy().getData(GetDataRequest.newBuilder().setFlyteUrl(url).build());
  }

  private static String download(DataReference reference) {
    return api.dataProxy()
        .createDownloadLocation(
            CreateDownloadLocationRequest.newBuilder().setNativeUrl(reference.uri()).build())
        .getSignedUrl();
  }

  private static CreateUploadLocationRequest.Builder upload(byte[] content, String filename) {
    return CreateUploadLocationRequest.newBuilder()
        .setProject("flytesnacks")
        .setDomain("development")
        .setFilename(filename)
        .setContentMd5(ByteString.copyFrom(md5(content)));
  }

  private static CreateUploadLocationResponse locate(CreateUploadLocationRequest.Builder request) {
    return api.dataProxy().createUploadLocation(request.build());
  }

  private static HttpResponse<byte[]> put(
      CreateUploadLocationResponse location, byte[] content, String... headers) throws Exception {
    return api.http("PUT", location.getSignedUrl(), content, headers);
  }

  private static byte[] md5(byte[] content) {
    try {
      return MessageDigest.getInstance("MD5").digest(content);
    } catch (java.security.NoSuchAlgorithmException missing) {
      throw new AssertionError(missing);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static void assertRefused(Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(refused.getStatus().getCode()).isEqualTo(code));
  }
}
