package io.turboprop.flyteadmin;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.turboprop.flyteadmin.FlyteAdminSettings.Connection;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The connection to FlyteAdmin, or to another service of a Flyte installation, with its login. */
public final class FlyteAdminChannel implements AutoCloseable {
  private static final int MESSAGE_BYTES_MAX = 64 << 20;
  private static final long KEEP_ALIVE_SECONDS = 60;

  private final ManagedChannel plain;
  private final Channel channel;
  private final Optional<AccessTokens> tokens;

  private FlyteAdminChannel(ManagedChannel plain, Optional<AccessTokens> tokens) {
    this.plain = plain;
    this.tokens = tokens;
    this.channel =
        tokens
            .<Channel>map(each -> ClientInterceptors.intercept(plain, new LoginInterceptor(each)))
            .orElse(plain);
  }

  /**
   * Opens the connection to FlyteAdmin, which is made when it is needed and again after a loss.
   *
   * @throws IOException when the file of certificates can't be read
   */
  public static FlyteAdminChannel open(Connection settings) throws IOException {
    var plain = channel(settings);
    return new FlyteAdminChannel(
        plain,
        settings.login().map(login -> new AccessTokens(plain, login, settings.callTimeout())));
  }

  /**
   * Opens the connection to another service, with the login of this one.
   *
   * @throws IOException when the file of certificates can't be read
   */
  public FlyteAdminChannel to(Connection other) throws IOException {
    return new FlyteAdminChannel(channel(other), tokens);
  }

  private static ManagedChannel channel(Connection settings) throws IOException {
    return Grpc.newChannelBuilder(settings.target(), credentials(settings))
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .build();
  }

  private static ChannelCredentials credentials(Connection settings) throws IOException {
    if (settings.insecure()) {
      return InsecureChannelCredentials.create();
    }
    var tls = TlsChannelCredentials.newBuilder();
    if (settings.skipVerify()) {
      tls.trustManager(new TrustManager[] {new TrustsAll()});
    } else if (settings.caCertFile().isPresent()) {
      var file = settings.caCertFile().orElseThrow();
      try {
        tls.trustManager(file.toFile());
      } catch (IOException e) {
        throw new IOException(
            "can't read %s (turboprop.flyteadmin.ca-cert-file)".formatted(file), e);
      }
    }
    return tls.build();
  }

  /** The channel for stubs; calls on it carry the login. */
  public Channel channel() {
    return channel;
  }

  /** Has the next call connect at once, not after the pause that follows failures. */
  void reconnect() {
    plain.resetConnectBackoff();
  }

  @Override
  public void close() {
    plain.shutdownNow();
  }

  /** Accepts every certificate, also of another host: {@code insecure-skip-verify}. */
  private static final class TrustsAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
