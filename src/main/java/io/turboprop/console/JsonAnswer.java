package io.turboprop.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.turboprop.admin.transport.Admission;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers as JSON, compressed if the client accepts it. Until an answer is sent, its bytes
 * count as memory of the request.
 */
final class JsonAnswer {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonAnswer() {}

  /** Writes one JSON value. */
  @FunctionalInterface
  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  static HttpResponse of(ServiceRequestContext context, RequestHeaders request, Content content) {
    var headers =
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(MediaType.JSON_UTF_8)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
            .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
    var bytes = new ByteArrayOutputStream();
    try {
      if (Accepting.coding(request, "gzip")) {
        headers.set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
        try (var compressed = new GZIPOutputStream(bytes);
            var json = JSON.createGenerator(compressed)) {
          content.write(json);
        }
      } else {
        try (var json = JSON.createGenerator(bytes)) {
          content.write(json);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't write an answer in memory", e);
    }
    Admission.charge(context, bytes.size());
    return HttpResponse.of(headers.build(), HttpData.wrap(bytes.toByteArray()));
  }

  /** The value as text in one line. */
  static String text(Content content) {
    var text = new StringWriter();
    try (var json = JSON.createGenerator(text)) {
      content.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write an event in memory", e);
    }
    return text.toString();
  }

  /** Writes a number, or null where there is none. */
  static void number(JsonGenerator json, @Nullable Long number) throws IOException {
    if (number == null) {
      json.writeNull();
    } else {
      json.writeNumber(number);
    }
  }

  /** Microseconds from one time to another; null if either is missing. */
  static @Nullable Long micros(@Nullable Instant from, @Nullable Instant to) {
    return from == null || to == null ? null : ChronoUnit.MICROS.between(from, to);
  }

  /** Microseconds since 1970. */
  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
