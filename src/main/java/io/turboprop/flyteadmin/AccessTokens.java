package io.turboprop.flyteadmin;

import com.fasterxml.jackson.databind.ObjectMapper;
import flyteidl.service.Auth.OAuth2MetadataRequest;
import flyteidl.service.Auth.PublicClientAuthConfigRequest;
import flyteidl.service.AuthMetadataServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.turboprop.flyteadmin.FlyteAdminSettings.Login;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens of the OAuth2 flow "client credentials". FlyteAdmin says where tokens are given
 * out and in which header it wants them. A token is used until shortly before its end, or until
 * FlyteAdmin refuses it. Calls block; they are safe to make from many threads.
 */
final class AccessTokens {
  /** A token that ends within this time is not used any more. */
  private static final Duration BEFORE_END = Duration.ofSeconds(30);

  private static final Duration WITHOUT_END = Duration.ofMinutes(5);
  private static final String DEFAULT_HEADER = "authorization";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Channel channel;
  private final Login login;
  private final Duration timeout;
  private final HttpClient http;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Token token;

  /**
   * @param channel to FlyteAdmin, without a login
   * @param timeout the longest wait for an answer
   */
  AccessTokens(Channel channel, Login login, Duration timeout) {
    this.channel = channel;
    this.login = login;
    this.timeout = timeout;
    this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
  }

  /**
   * A token.
   *
   * @param header the metadata key that FlyteAdmin reads it from, in lower case
   * @param endNanos by {@link System#nanoTime}: when it is replaced
   */
  record Token(String header, String value, long endNanos) {
    @Override
    public String toString() {
      return "a token in " + header;
    }
  }

  /** There is no token to be had now. */
  static final class LoginException extends Exception {
    private static final long serialVersionUID = 1L;

    LoginException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The token in use, or a new one if there is none or it ends soon. */
  Token current() throws LoginException {
    lock.lock();
    try {
      var known = token;
      if (known == null || known.endNanos() - System.nanoTime() <= 0) {
        known = fetch();
        token = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** FlyteAdmin has refused this token: the next call fetches another. */
  void refused(Token refused) {
    lock.lock();
    try {
      if (refused.equals(token)) {
        token = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The parameters of the login that FlyteAdmin publishes, for those that the settings leave out.
   */
  private record Discovery(String tokenUrl, List<String> scopes, String header, String audience) {}

  private Discovery discover() throws LoginException {
    try {
      var service =
          AuthMetadataServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
      var server = service.getOAuth2Metadata(OAuth2MetadataRequest.getDefaultInstance());
      var client =
          service.getPublicClientConfig(PublicClientAuthConfigRequest.getDefaultInstance());
      return new Discovery(
          login.tokenUrl().orElse(server.getTokenEndpoint()),
          login.scopes().isEmpty() ? client.getScopesList() : login.scopes(),
          login.header().orElse(client.getAuthorizationMetadataKey()),
          login.audience().orElse(client.getAudience()));
    } catch (StatusRuntimeException e) {
      throw new LoginException(
          "FlyteAdmin does not say how to log in (%s); turboprop.flyteadmin.client-id is set, so a login was wanted"
              .formatted(e.getStatus()),
          e);
    }
  }

  private Token fetch() throws LoginException {
    var discovery = discover();
    if (discovery.tokenUrl().isEmpty()) {
      throw new LoginException(
          "FlyteAdmin names no token endpoint; set turboprop.flyteadmin.token-url", null);
    }
    try {
      var asked = System.nanoTime();
      var answer = http.send(request(discovery), BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new LoginException(
            "%s answered %d to the login of %s: check turboprop.flyteadmin.client-id and client-secret-location"
                .formatted(discovery.tokenUrl(), answer.statusCode(), login.clientId()),
            null);
      }
      return token(discovery, answer.body(), asked);
    } catch (IOException | IllegalArgumentException e) {
      throw new LoginException(
          "the login of %s at %s failed: %s"
              .formatted(login.clientId(), discovery.tokenUrl(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoginException("the login was interrupted", e);
    }
  }

  private HttpRequest request(Discovery discovery) throws IOException {
    var secret = Files.readString(login.secretLocation()).strip();
    var credentials = encoded(login.clientId()) + ":" + encoded(secret);
    var form = new ArrayList<String>();
    form.add("grant_type=client_credentials");
    if (!discovery.scopes().isEmpty()) {
      form.add("scope=" + encoded(String.join(" ", discovery.scopes())));
    }
    if (!discovery.audience().isEmpty()) {
      form.add("audience=" + encoded(discovery.audience()));
    }
    return HttpRequest.newBuilder(URI.create(discovery.tokenUrl()))
        .timeout(timeout)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Accept", "application/json")
        .header(
            "Authorization",
            "Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
        .POST(BodyPublishers.ofString(String.join("&", form)))
        .build();
  }

  private static Token token(Discovery discovery, String body, long askedNanos)
      throws IOException, LoginException {
    var answer = JSON.readTree(body);
    var value = answer.path("access_token").asText("");
    if (value.isEmpty()) {
      throw new LoginException(discovery.tokenUrl() + " answered without an access_token", null);
    }
    var seconds = answer.path("expires_in").asLong(0);
    var life = seconds > 0 ? Duration.ofSeconds(seconds) : WITHOUT_END;
    var used =
        life.compareTo(BEFORE_END.multipliedBy(2)) > 0 ? life.minus(BEFORE_END) : life.dividedBy(2);
    var header = discovery.header().isEmpty() ? DEFAULT_HEADER : discovery.header();
    return new Token(header.toLowerCase(java.util.Locale.ROOT), value, askedNanos + used.toNanos());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
