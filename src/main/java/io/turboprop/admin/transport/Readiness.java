package io.turboprop.admin.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node can serve, as {@code /ready} says: 200 when every check passes, else 503; the
 * body names each check with {@code ok} or with what is wrong. However many ask, a check runs at
 * most once a second (ten times while something is wrong) and never twice at once, so that probes
 * do not load what is checked.
 */
public final class Readiness {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FRESH_TROUBLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final String OK = "ok";

  private final Map<String, Cached> checks = new LinkedHashMap<>();

  /** A condition of readiness. May block. */
  @FunctionalInterface
  public interface Check {
    /**
     * The reason why the part is not ready, for people; empty if it is ready. An exception counts
     * as its message.
     */
    Optional<String> notReadyReason() throws Exception;
  }

  /**
   * @param checks by their names, in the order in which they are shown
   * @param executor runs the checks
   */
  public Readiness(Map<String, Check> checks, Executor executor) {
    checks.forEach((name, check) -> this.checks.put(name, new Cached(check, executor)));
  }

  /** The reasons by the names of the checks; {@code ok} for a part that is ready. */
  public CompletableFuture<Map<String, String>> results() {
    var running = new LinkedHashMap<String, CompletableFuture<String>>();
    checks.forEach((name, check) -> running.put(name, check.result()));
    return CompletableFuture.allOf(running.values().toArray(CompletableFuture[]::new))
        .thenApply(_ -> {
          var results = new LinkedHashMap<String, String>();
          running.forEach((name, result) -> results.put(name, result.join()));
          return results;
        });
  }

  /** Whether no check has found anything wrong. */
  public static boolean isReady(Map<String, String> results) {
    return results.values().stream().allMatch(OK::equals);
  }

  HttpResponse answer() {
    return HttpResponse.of(
        results()
            .thenApply(results ->
                HttpResponse.of(
                    isReady(results) ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE,
                    MediaType.JSON_UTF_8,
                    json(results))));
  }

  private static String json(Map<String, String> results) {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeBooleanField("ready", isReady(results));
      json.writeObjectFieldStart("checks");
      for (var result : results.entrySet()) {
        json.writeStringField(result.getKey(), result.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** A check and its last result, which serves for a second. */
  private static final class Cached {
    private final Check check;
    private final Executor executor;
    private @Nullable CompletableFuture<String> last;
    private long begun;

    Cached(Check check, Executor executor) {
      this.check = check;
      this.executor = executor;
    }

    synchronized CompletableFuture<String> result() {
      var now = System.nanoTime();
      if (last == null || (last.isDone() && now - begun > freshNanos(last))) {
        begun = now;
        last = CompletableFuture.supplyAsync(this::run, executor);
      }
      return last.copy()
          .completeOnTimeout(
              "no answer within %d s".formatted(ANSWER_WITHIN.toSeconds()),
              ANSWER_WITHIN.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    private static long freshNanos(CompletableFuture<String> done) {
      return done.join().equals(OK) ? FRESH_NANOS : FRESH_TROUBLE_NANOS;
    }

    private String run() {
      try {
        return check.notReadyReason().orElse(OK);
      } catch (Exception e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
      }
    }
  }
}
