package io.turboprop.admin.definitions;

import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import flyteidl.admin.MatchableResourceOuterClass.TaskResourceSpec;
import flyteidl.core.Tasks.Resources;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.Resources.ResourceName;
import io.turboprop.admin.transport.AdminException;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Checks the resources that a task requests: each once, each a Kubernetes quantity, and none more
 * than its limit or than the platform allows. GPUs are whole numbers, and their limit must equal
 * the request.
 */
final class TaskResources {
  private static final Pattern QUANTITY =
      Pattern.compile(
          "([+-]?(?:\\d+\\.?\\d*|\\.\\d+))(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\\d{1,3}|n|u)?");
  private static final String DECIMAL = "kMGTPE";
  private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

  private TaskResources() {}

  /**
   * @param platform the limits for tasks of the project and domain, from the matchable attributes;
   *     they are compared with the task's requests
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  static void check(Resources resources, TaskResourceSpec platform) {
    var requests = quantities(resources.getRequestsList(), "requests");
    var limits = quantities(resources.getLimitsList(), "limits");
    requests.forEach((name, request) -> checkLimit(name, request, limits));
    whole(requests);
    whole(limits);
    var platformLimits = quantities(entries(platform), "the limits of TASK_RESOURCE attributes");
    requests
        .keySet()
        .forEach(name -> {
          checkPlatform(name, requests, platformLimits);
          checkPlatform(name, limits, platformLimits);
        });
  }

  /**
   * Checks the quantities of matchable attributes.
   *
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  static void check(TaskResourceAttributes attributes) {
    quantities(entries(attributes.getDefaults()), "defaults");
    quantities(entries(attributes.getLimits()), "limits");
  }

  /** An empty quantity counts as not set. */
  private static List<ResourceEntry> entries(TaskResourceSpec spec) {
    return Stream.of(
            entry(ResourceName.CPU, spec.getCpu()),
            entry(ResourceName.GPU, spec.getGpu()),
            entry(ResourceName.MEMORY, spec.getMemory()),
            entry(ResourceName.STORAGE, spec.getStorage()),
            entry(ResourceName.EPHEMERAL_STORAGE, spec.getEphemeralStorage()))
        .filter(entry -> !entry.getValue().isEmpty())
        .toList();
  }

  private static ResourceEntry entry(ResourceName name, String value) {
    return ResourceEntry.newBuilder().setName(name).setValue(value).build();
  }

  private static void checkPlatform(
      ResourceName name,
      Map<ResourceName, BigDecimal> asked,
      Map<ResourceName, BigDecimal> platform) {
    var quantity = asked.get(name);
    var limit = platform.get(name);
    if (quantity != null && limit != null && quantity.compareTo(limit) > 0) {
      throw AdminException.invalidArgument(
          "%s [%s] is greater than the limit [%s] that the TASK_RESOURCE attributes of the project and domain set"
              .formatted(name, quantity.toPlainString(), limit.toPlainString()));
    }
  }

  private static void checkLimit(
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
