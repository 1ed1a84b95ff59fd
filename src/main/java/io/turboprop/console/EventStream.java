package io.turboprop.console;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * One answer of server-sent events. Lasts until the client or the server ends it. The event {@code
 * beat} every few seconds keeps proxies from ending it, and shows each side whether the other is
 * still there.
 */
final class EventStream {
  private static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(10);

  /** The stream ends when the client has not read this many heartbeats in a row. */
  static final int BEATS_MISSED_MAX = 3;

  private final HttpResponseWriter response = HttpResponse.streaming();

  /**
   * Completes when the connection has taken all that was sent. What the client has not read stays
   * in memory; {@link io.turboprop.event.ExecutionFeeds} bounds it.
   */
  private CompletionStage<Void> taken = CompletableFuture.completedFuture(null);

  private int missed;

  private EventStream() {}

  /** Opens a stream; the request has no deadline from now on. */
  static EventStream open(ServiceRequestContext context) {
    return open(context, BETWEEN_HEARTBEATS);
  }

  static EventStream open(ServiceRequestContext context, Duration betweenHeartbeats) {
    context.clearRequestTimeout();
    var stream = new EventStream();
    var _ =
        stream.response.tryWrite(
            ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.EVENT_STREAM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .build());
    // a browser that has lost the server asks again after half a second
    var _ = stream.write(HttpData.ofUtf8("retry: 500\n\n"));
    var every = betweenHeartbeats.toMillis();
    var heartbeat =
        context
            .eventLoop()
            .withoutContext()
            .scheduleAtFixedRate(stream::beat, every, every, TimeUnit.MILLISECONDS);
    var _ = stream.response.whenComplete().whenComplete((_, _) -> heartbeat.cancel(false));
    return stream;
  }

  HttpResponse response() {
    return response;
  }

  /** Completes, by success or failure, when the client or the server has ended the stream. */
  CompletionStage<Void> ended() {
    return response.whenComplete();
  }

  /**
   * An event as it is sent.
   *
   * @param data one line
   */
  static byte[] event(String event, String data) {
    return "event: %s\ndata: %s\n\n".formatted(event, data).getBytes(StandardCharsets.UTF_8);
  }

  /** The same, for an event from which the browser resumes after a break. */
  static byte[] event(long id, String event, String data) {
    return "id: %d\nevent: %s\ndata: %s\n\n"
        .formatted(id, event, data)
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Sends events.
   *
   * @param events not copied, so that many streams can send the same; not to be changed
   * @return completes when the connection has taken what was sent
   */
  CompletionStage<Void> send(byte[] events) {
    return write(HttpData.wrap(events));
  }

  CompletionStage<Void> send(String event, String data) {
    return send(event(event, data));
  }

  /** Whether the client has taken all that was sent. */
  synchronized boolean isTaken() {
    return taken.toCompletableFuture().isDone();
  }

  private void beat() {
    if (isTaken()) {
      missed = 0;
      send("beat", "");
    } else if (++missed >= BEATS_MISSED_MAX) {
      // Closing would wait until the client has read what was sent.
      abort();
    }
  }

  private synchronized CompletionStage<Void> write(HttpData data) {
    var _ = response.tryWrite(data);
    taken = response.whenConsumed();
    return taken;
  }

  /** Ends the stream after the client has read what was sent. */
  void close() {
    response.close();
  }

  /** Ends the stream now; what the client has not read is lost. */
  void abort() {
    response.abort();
  }
}
