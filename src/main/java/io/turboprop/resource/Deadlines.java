package io.turboprop.resource;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses the deadlines of nodes, in Kubernetes' form of durations: {@code 1h2m3.5s}, {@code 100ms}.
 *
 * <p>Flyte makes two limits of a node's timeout: the timeout for one attempt, and twice that for
 * all attempts together. Here they become one timeout again, which bounds each attempt; other pairs
 * are refused.
 */
final class Deadlines {
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Pattern WHOLE = Pattern.compile("0|(?:" + PART.pattern() + ")+");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  /** The longest duration of Kubernetes, about 292 years. */
  private static final BigDecimal NANOS_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private Deadlines() {}

  /** The timeout of a node; empty when it has none. */
  static Optional<Duration> timeout(NodeSpec spec, String at, Problems problems) {
    var execution = nanos(spec.executionDeadline(), at + ".executionDeadline", problems);
    var active = nanos(spec.activeDeadline(), at + ".activeDeadline", problems);
    if (active.compareTo(execution.add(execution)) != 0) {
      problems.add(at + ".activeDeadline", "is not twice the executionDeadline");
    }
    return execution.signum() > 0
        ? Optional.of(Durations.fromNanos(execution.longValue()))
        : Optional.empty();
  }

  private static BigDecimal nanos(String text, String at, Problems problems) {
    if (text.isEmpty()) {
      return BigDecimal.ZERO;
    }
    var nanos =
        PART.matcher(text)
            .results()
            .map(part -> new BigDecimal(part.group(1)).multiply(unit(part.group(2))))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    if (!WHOLE.matcher(text).matches() || nanos.compareTo(NANOS_MAX) > 0) {
      problems.add(at, "'%s' is no duration".formatted(text));
      return BigDecimal.ZERO;
    }
    return nanos;
  }

  private static BigDecimal unit(String unit) {
    return BigDecimal.valueOf(NANOS.getOrDefault(unit, 0L));
  }
}
