package io.turboprop.flyteadmin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.WorkflowExecutionEvent;
import flyteidl.service.Auth.OAuth2MetadataRequest;
import flyteidl.service.Auth.OAuth2MetadataResponse;
import flyteidl.service.Auth.PublicClientAuthConfigRequest;
import flyteidl.service.Auth.PublicClientAuthConfigResponse;
import flyteidl.service.AuthMetadataServiceGrpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.turboprop.flyteadmin.EventService.Answer;
import io.turboprop.flyteadmin.FlyteAdminSettings.Connection;
import io.turboprop.flyteadmin.FlyteAdminSettings.Login;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The login with client credentials, against an authorization server and a FlyteAdmin with TLS. */
class LoginTest {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("flyte-authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private HttpServer authorization;
  private TestingFlyteAdmin admin;
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    authorization =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    authorization.createContext(
        "/oauth2/token",
        exchange -> {
          logins.add(
              exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          var answer =
              "{\"access_token\": \"token-%d\", \"expires_in\": 3600}"
                  .formatted(logins.size())
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    authorization.start();
    admin =
        TestingFlyteAdmin.start(
            TlsServerCredentials.newBuilder().keyManager(keys().getKeyManagers()).build(),
            List.of(new Discovery()),
            List.of(new Guard()));
    Files.writeString(folder.resolve("secret"), "s3cr&t\n");
  }

  @AfterEach
  void stop() {
    admin.close();
    authorization.stop(0);
  }

  /** A key and a certificate for localhost, which is also written to {@code ca.pem}. */
  private KeyManagerFactory keys() throws Exception {
    var store = folder.resolve("keys.p12");
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var command =
        List.of(
            keytool,
            "-genkeypair",
            "-alias",
            "admin",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-validity",
            "1",
            "-ext",
            "san=dns:localhost,ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            "changeit");
    assertThat(new ProcessBuilder(command).redirectErrorStream(true).start().waitFor()).isZero();
    var loaded = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      loaded.load(in, "changeit".toCharArray());
    }
    Files.writeString(
        folder.resolve("ca.pem"),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder()
                    .encodeToString(loaded.getCertificate("admin").getEncoded())));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(loaded, "changeit".toCharArray());
    return keys;
  }

  @Test
  void aTokenIsFetchedOnceAndAgainWhenFlyteAdminRefusesIt() throws IOException {
    try (var channel = FlyteAdminChannel.open(settings(Optional.of(folder.resolve("ca.pem"))))) {
      var service = new EventService(channel.channel(), TIMEOUT);
      assertThat(service.send(event("one"))).isEqualTo(new Answer.Recorded());
      assertThat(service.send(event("two"))).isEqualTo(new Answer.Recorded());
      var basic = Base64.getEncoder().encodeToString("flyte%3Apropeller:s3cr%26t".getBytes(UTF_8));
      assertThat(logins)
          .containsExactly(
              "Basic " + basic + " grant_type=client_credentials&scope=all&audience=flyte");

      refused.add("Bearer token-1");
      assertThat(service.send(event("three")))
          .isInstanceOfSatisfying(
              Answer.Unavailable.class, answer -> assertThat(answer.affectsAll()).isTrue());
      assertThat(service.send(event("three"))).isEqualTo(new Answer.Recorded());
      assertThat(logins).hasSize(2);
    }
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefusedUnlessTheSettingsSayOtherwise() throws IOException {
    try (var channel = FlyteAdminChannel.open(settings(Optional.empty()))) {
      assertThat(new EventService(channel.channel(), TIMEOUT).send(event("one")))
          .isInstanceOf(Answer.Unavailable.class);
    }
    assertThat(logins).isEmpty();
  }

  @Test
  void withoutItsSecretNothingIsSentAndTheAnswerNamesTheFile() throws IOException {
    Files.delete(folder.resolve("secret"));
    try (var channel = FlyteAdminChannel.open(settings(Optional.of(folder.resolve("ca.pem"))))) {
      assertThat(new EventService(channel.channel(), TIMEOUT).send(event("one")))
          .isInstanceOfSatisfying(
              Answer.Unavailable.class,
              answer -> assertThat(answer.message()).contains("UNAUTHENTICATED", "secret"));
    }
    assertThat(admin.requests()).isZero();
  }

  private Connection settings(Optional<Path> certificates) {
    return new Connection(
        admin.endpoint(),
        false,
        false,
        certificates,
        Optional.of(
            new Login(
                "flyte:propeller",
                folder.resolve("secret"),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty())),
        TIMEOUT);
  }

  private static WorkflowExecutionEvent event(String name) {
    return WorkflowExecutionEvent.newBuilder()
        .setExecutionId(WorkflowExecutionIdentifier.newBuilder().setName(name))
        .setPhase(WorkflowExecution.Phase.RUNNING)
        .setOccurredAt(EventMessages.timestamp(java.time.Instant.EPOCH))
        .build();
  }

  /** Asks for a token, except of calls that say how to get one. */
  private final class Guard implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      var token = headers.get(HEADER);
      var isOpen = call.getMethodDescriptor().getServiceName().endsWith("AuthMetadataService");
      if (isOpen || (token != null && token.startsWith("Bearer ") && !refused.contains(token))) {
        return next.startCall(call, headers);
      }
      call.close(Status.UNAUTHENTICATED.withDescription("token refused"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  private final class Discovery extends AuthMetadataServiceGrpc.AuthMetadataServiceImplBase {
    @Override
    public void getOAuth2Metadata(
        OAuth2MetadataRequest request, StreamObserver<OAuth2MetadataResponse> observer) {
      observer.onNext(
          OAuth2MetadataResponse.newBuilder()
              .setTokenEndpoint(
                  "http://127.0.0.1:%d/oauth2/token"
                      .formatted(authorization.getAddress().getPort()))
              .build());
      observer.onCompleted();
    }

    @Override
    public void getPublicClientConfig(
        PublicClientAuthConfigRequest request,
        StreamObserver<PublicClientAuthConfigResponse> observer) {
      observer.onNext(
          PublicClientAuthConfigResponse.newBuilder()
              .addScopes("all")
              .setAudience("flyte")
              .setAuthorizationMetadataKey("flyte-authorization")
              .build());
      observer.onCompleted();
    }
  }
}
