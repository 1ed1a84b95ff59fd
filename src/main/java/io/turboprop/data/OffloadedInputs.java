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
 * Whether a task can read inputs that were too big for their map (engine §3.7): only newer kits
 * can.
 *
 * @param enabled whether tasks are told to write such literals; decides only how a refusal is
 *     called
 * @param minimumVersions the first version that reads them, by {@code
 *     flyteidl.core.RuntimeMetadata.RuntimeType}
 */
public record OffloadedInputs(boolean enabled, Map<String, String> minimumVersions) {
  private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})");

  /** Reads the section {@code turboprop.data.offloaded-inputs}. */
  public static OffloadedInputs from(Config config) {
    return new OffloadedInputs(
        config.getBoolean("enabled"),
        config.getObject("minimum-versions").unwrapped().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString())));
  }

  /** Not enabled; flytekit reads them from 1.13.14 on. */
  public static final OffloadedInputs DEFAULT =
      new OffloadedInputs(false, Map.of("FLYTE_SDK", "1.13.14"));

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
