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
 * The settings of literal offloading: literals that are too large for their map are files of their
 * own. Only newer versions of flytekit can write and read them.
 *
 * @param enabled whether tasks are told to write such literals, and the engine writes them
 * @param minBytes a literal from this size on is offloaded
 * @param maxBytes the largest literal that a task may offload
 * @param mapBytesMax the largest outputs of a map that the engine gathers in memory
 * @param minimumVersions the first version that can read offloaded literals, by {@code
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

  /** The first version of flytekit that reads offloaded literals is 1.13.14. */
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
   * The environment variables that make a task of this runtime offload large outputs; none for a
   * runtime that can't. Their sizes are whole MiB.
   */
  public Map<String, String> environment(RuntimeMetadata runtime) {
    return enabled && isSupported(runtime)
        ? Map.of(
            "_F_L_MIN_SIZE_MB", String.valueOf(Math.max(1, minBytes / MEBIBYTE)),
            "_F_L_MAX_SIZE_MB", String.valueOf(Math.max(1, maxBytes / MEBIBYTE)))
        : Map.of();
  }

  /** Why a task of this runtime can't read these inputs; empty when it can. */
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

  /** The first {@code d.d.d} in a version; the text around it is ignored. */
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
