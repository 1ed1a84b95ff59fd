package io.turboprop.flyteadmin;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors.CheckedForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.turboprop.flyteadmin.AccessTokens.Token;

/**
 * Adds the access token to each call, and forgets a token that the server refuses. If no token is
 * available, the call fails like a call that the server refuses: {@code UNAUTHENTICATED}. The first
 * call may block while the token is fetched.
 */
final class LoginInterceptor implements ClientInterceptor {
  private final AccessTokens tokens;

  LoginInterceptor(AccessTokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new CheckedForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      protected void checkedStart(Listener<A> listener, Metadata headers) throws StatusException {
        var token = token();
        headers.put(
            Metadata.Key.of(token.header(), Metadata.ASCII_STRING_MARSHALLER),
            "Bearer " + token.value());
        delegate()
            .start(
                new SimpleForwardingClientCallListener<>(listener) {
                  @Override
                  public void onClose(Status status, Metadata trailers) {
                    if (status.getCode() == Status.Code.UNAUTHENTICATED) {
                      tokens.refused(token);
                    }
                    super.onClose(status, trailers);
                  }
                },
                headers);
      }
    };
  }

  private Token token() throws StatusException {
    try {
      return tokens.current();
    } catch (AccessTokens.LoginException e) {
      throw Status.UNAUTHENTICATED.withDescription(e.getMessage()).withCause(e).asException();
    }
  }
}
