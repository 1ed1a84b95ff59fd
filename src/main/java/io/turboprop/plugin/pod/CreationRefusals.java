package io.turboprop.plugin.pod;

import io.kubernetes.client.custom.Quantity;
import io.turboprop.data.ExecutionError;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Decides whether an attempt fails or waits when the API server refuses its pod, as FlytePropeller
 * decides.
 */
final class CreationRefusals {
  private static final Pattern AMOUNTS =
      Pattern.compile("(requested|used|limited): ((?:[^\\s,=]+=[^\\s,]+,?)+)");

  private CreationRefusals() {}

  /** The consequence of a refusal. */
  sealed interface Refusal {
    /**
     * The pod has to wait.
     *
     * @param reason the reason, for the user
     * @param requested the amounts by resource that a quota refused; empty when no quota refused
     *     the pod
     */
    record Wait(String reason, Map<String, BigDecimal> requested) implements Refusal {}

    /** The attempt has failed. */
    record Fail(ExecutionError error, boolean recoverable) implements Refusal {}
  }

  static Refusal of(Pods.Creation.Refused refused) {
    var message = refused.message();
    return switch (refused.code()) {
      case 403 -> forbidden(message);
      case 429 -> overloaded(message);
      case 400, 422 -> permanent("BadTaskFormat", message);
      case 413 -> permanent("EntityTooLarge", message);
      default ->
          new Refusal.Fail(
              ExecutionError.system(
                  "RuntimeFailure",
                  "the Kubernetes API refuses the pod with code %d: %s"
                      .formatted(refused.code(), message)),
              true);
    };
  }

  private static Refusal forbidden(String message) {
    if (message.contains("exceeded quota")) {
      var requested = amounts(message, "requested");
      return isBeyond(requested, amounts(message, "limited"))
          ? permanent("ResourceRequestsExceedLimits", message)
          : new Refusal.Wait("Exceeded resourcequota: " + message, requested);
    }
    if (message.contains("status unknown for quota")) {
      // The quota of a new namespace is unknown until a controller has counted.
      return new Refusal.Wait(message, Map.of());
    }
    return message.contains("etcdserver:")
        ? overloaded(message)
        : new Refusal.Fail(ExecutionError.user("RuntimeFailure", message), true);
  }

  private static Refusal overloaded(String message) {
    return new Refusal.Wait("the Kubernetes API is overloaded: " + message, Map.of());
  }

  private static Refusal permanent(String code, String message) {
    return new Refusal.Fail(ExecutionError.user(code, message), false);
  }

  /** Whether a request alone is more than its whole quota, so that waiting would not help. */
  private static boolean isBeyond(
      Map<String, BigDecimal> requested, Map<String, BigDecimal> limited) {
    return limited.entrySet().stream()
        .anyMatch(limit ->
            requested.getOrDefault(limit.getKey(), BigDecimal.ZERO).compareTo(limit.getValue())
                > 0);
  }

  /** The amounts of a message: {@code requested: limits.cpu=2, used: …}. */
  private static Map<String, BigDecimal> amounts(String message, String which) {
    var amounts = new TreeMap<String, BigDecimal>();
    var matcher = AMOUNTS.matcher(message);
    while (matcher.find()) {
      if (matcher.group(1).toLowerCase(Locale.ROOT).equals(which)) {
        for (var amount : matcher.group(2).split(",", -1)) {
          var parts = amount.split("=", 2);
          if (parts.length == 2) {
            read(parts[1]).ifPresent(number -> amounts.put(parts[0], number));
          }
        }
      }
    }
    return amounts;
  }

  private static Optional<BigDecimal> read(String quantity) {
    try {
      return Optional.of(new Quantity(quantity).getNumber());
    } catch (RuntimeException _) {
      return Optional.empty();
    }
  }
}
