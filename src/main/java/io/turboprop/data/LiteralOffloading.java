package io.turboprop.data;

import com.typesafe.config.Config;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Tasks.RuntimeMetadata;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Literals that are too large to travel in their map and lie beside it (engine §3.7): which tasks
 * write and read them. Only newer kits can.
 *
 * @param enabled whether tasks are told to write such literals, and the engine writes them
 * @param minBytes a literal from this size on is offloaded
 * @param maxBytes the largest literal that a task may offload
 * @param mapBytesMax the most that the engine, in memory, puts together of what a map has made
 * @param minimumVersions the first version that reads them, by {@code
 *     flyteidl.core.RuntimeMetadata.RuntimeType}
 */
public record LiteralOffloading(
    boolean enabled,
    long minBytes,
    long maxBytes,
    long mapBytesMax,
    Map<String, String> minimumVersions) {
  private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})");
  private static final int MEBIBYTE = 1 << 20;

  /** flytekit reads them from 1.13.14 on. */
  public static final LiteralOffloading DEFAULT =
      new LiteralOffloading(
          true, 10L * MEBIBYTE, 1000L * MEBIBYTE, 64L * MEBIBYTE, Map.of("FLYTE_SDK", "1.13.14"));

  /** Reads the section {@code turboprop.data}. */
  public static LiteralOffloading from(Config data) {
    var offloading = data.getConfig("offloading");
    return new LiteralOffloading(
        offloading.getBoolean("enabled"),
        data.getBytes("read-max"),
        offloading.getBytes("size-max"),
        offloading.getBytes("map-max"),
        offloading.getObject("minimum-versions").unwrapped().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString())));
  }

  /**
   * What tells a task of this runtime to offload large outputs (tasks §4.5): variables of its
   * environment, none for a runtime that can't. Sizes are whole MiB there.
   */
  public Map<String, String> environment(RuntimeMetadata runtime) {
    return enabled && isSupported(runtime)
        ? Map.of(
            "_F_L_MIN_SIZE_MB", String.valueOf(Math.max(1, minBytes / MEBIBYTE)),
            "_F_L_MAX_SIZE_MB", String.valueOf(Math.max(1, maxBytes / MEBIBYTE)))
        : Map.of();
  }

  /** Why a task that was written for this runtime can't have these inputs; empty when it can. */
  public Optional<ExecutionError> refusal(RuntimeMetadata runtime, Literals inputs) {
    var offloaded =
        inputs.map().getLiteralsMap().values().stream().anyMatch(Literal::hasOffloadedMetadata);
    if (!offloaded || isSupported(runtime)) {
      return Optional.empty();
    }
    var type = runtime.getType() + " " + runtime.getVersion();
    return Optional.of(
        enabled
            ? ExecutionError.user(
                "LiteralOffloadingNotSupported",
                "an input is offloaded, and %s can't read it; supported from %s on"
                    .formatted(type, minimumVersions))
            : ExecutionError.user(
                "LiteralOffloadingDisabled",
                "an input is offloaded, which is switched off, and %s can't read it"
                    .formatted(type)));
  }

  private boolean isSupported(RuntimeMetadata runtime) {
    var minimum = minimumVersions.get(runtime.getType().name());
    if (minimum == null) {
      return false;
    }
    var needed = numbers(minimum);
    var actual = numbers(runtime.getVersion());
    return needed.isPresent()
        && actual.isPresent()
        && Arrays.compare(actual.orElseThrow(), needed.orElseThrow()) >= 0;
  }

  /** The first {@code d.d.d} in a version; what stands around it does not count. */
  private static Optional<int[]> numbers(String version) {
    var found = VERSION.matcher(version);
    return found.find()
        ? Optional.of(
            new int[] {
              Integer.parseInt(found.group(1)),
              Integer.parseInt(found.group(2)),
              Integer.parseInt(found.group(3))
            })
        : Optional.empty();
  }
}
