package io.turboprop.admin.definitions;

import flyteidl.core.Tasks.Resources;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.Resources.ResourceName;
import io.turboprop.admin.transport.AdminException;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Checks the resources that a task asks for: each once, each a Kubernetes quantity, none asking for
 * more than its limit. GPUs are whole, and their limit is what is requested.
 */
final class TaskResources {
  private static final Pattern QUANTITY =
      Pattern.compile(
          "([+-]?(?:\\d+\\.?\\d*|\\.\\d+))(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\\d{1,3}|n|u)?");
  private static final String DECIMAL = "kMGTPE";
  private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

  private TaskResources() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  static void check(Resources resources) {
    var requests = quantities(resources.getRequestsList(), "requests");
    var limits = quantities(resources.getLimitsList(), "limits");
    requests.forEach((name, request) -> check(name, request, limits));
    whole(requests);
    whole(limits);
  }

  private static void check(
      ResourceName name, BigDecimal request, Map<ResourceName, BigDecimal> limits) {
    var limit = limits.get(name);
    if (limit == null) {
      return;
    }
    var compared = request.compareTo(limit);
    if (name == ResourceName.GPU && compared != 0) {
      throw AdminException.invalidArgument("the limit of GPU must equal what is requested");
    }
    if (compared > 0) {
      throw AdminException.invalidArgument(
          "requested %s [%s] is greater than its limit [%s]"
              .formatted(name, request.toPlainString(), limit.toPlainString()));
    }
  }

  private static void whole(Map<ResourceName, BigDecimal> quantities) {
    var gpu = quantities.get(ResourceName.GPU);
    if (gpu != null && gpu.stripTrailingZeros().scale() > 0) {
      throw AdminException.invalidArgument("gpu must be a whole number");
    }
  }

  private static Map<ResourceName, BigDecimal> quantities(
      List<ResourceEntry> entries, String list) {
    var quantities = new EnumMap<ResourceName, BigDecimal>(ResourceName.class);
    for (var entry : entries) {
      if (quantities.put(entry.getName(), quantity(entry)) != null) {
        throw AdminException.invalidArgument(
            "resource %s occurs twice in %s".formatted(entry.getName(), list));
      }
    }
    return quantities;
  }

  private static BigDecimal quantity(ResourceEntry entry) {
    var matcher = QUANTITY.matcher(entry.getValue());
    if (!matcher.matches()) {
      throw AdminException.invalidArgument(
          "[%s] is no quantity of %s".formatted(entry.getValue(), entry.getName()));
    }
    var number = new BigDecimal(matcher.group(1));
    var suffix = matcher.group(2);
    return suffix == null ? number : number.multiply(factor(suffix));
  }

  private static BigDecimal factor(String suffix) {
    if (suffix.length() == 1) {
      return switch (suffix) {
        case "n" -> BigDecimal.ONE.scaleByPowerOfTen(-9);
        case "u" -> BigDecimal.ONE.scaleByPowerOfTen(-6);
        case "m" -> BigDecimal.ONE.scaleByPowerOfTen(-3);
        default -> BigDecimal.ONE.scaleByPowerOfTen(3 * (DECIMAL.indexOf(suffix) + 1));
      };
    }
    return suffix.endsWith("i")
        ? KIBI.pow("KMGTPE".indexOf(suffix.charAt(0)) + 1)
        : BigDecimal.ONE.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1)));
  }
}
