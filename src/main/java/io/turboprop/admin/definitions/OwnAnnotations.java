package io.turboprop.admin.definitions;

import flyteidl.admin.Common.Annotations;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.node.Reuse;
import io.turboprop.node.Speculation;
import java.util.Set;
import java.util.TreeSet;

/** The annotations of executions that this engine interprets. */
public final class OwnAnnotations {
  private static final String PREFIX = "turboprop.io/";
  private static final Set<String> KNOWN =
      new TreeSet<>(Set.of(Reuse.RECOMPUTE_FROM, Speculation.MARK));
  private static final Set<String> SWITCH = Set.of("true", "false");

  private OwnAnnotations() {}

  /**
   * Refuses annotations that would have no effect, if they are in the user's request. Annotations
   * that a launch plan or another execution passes on are not checked, because the user can't
   * change them there.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an unknown annotation of the engine, or an
   *     invalid value
   */
  public static void check(Annotations annotations) {
    annotations
        .getValuesMap()
        .forEach((key, value) -> {
          if (key.startsWith(PREFIX) && !KNOWN.contains(key)) {
            throw AdminException.invalidArgument(
                "there is no annotation '%s'; there are %s"
                    .formatted(key, String.join(", ", KNOWN)));
          }
          if (key.equals(Speculation.MARK) && !SWITCH.contains(value)) {
            throw AdminException.invalidArgument(
                "the annotation '%s' is 'true' or 'false', not '%s'".formatted(key, value));
          }
        });
  }
}
