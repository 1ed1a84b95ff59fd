package io.turboprop.node;

import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.setting.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * When a run counts as a straggler, so that a second one is begun beside it. Only tasks that are
 * marked so are run twice: they must not mind.
 *
 * @param part of the task's latest runs, e.g. 0.95: the straggler has taken longer than these
 * @param factor and so many times longer
 * @param atLeast no run is a straggler before
 * @param runsMin how many runs have to be known
 */
public record Speculation(double part, double factor, Duration atLeast, int runsMin) {

  /** In the {@code config} of a task template, or among the annotations of an execution. */
  public static final String MARK = "turboprop.io/speculate";

  /** In the environment of a task's container, where flytekit's users can put it. */
  static final String MARK_IN_ENVIRONMENT = "TURBOPROP_SPECULATE";

  private static final String YES = "true";

  /** Reads the section {@code turboprop.node.speculation}. */
  static Speculation from(Section speculation) {
    return new Speculation(
        speculation.fraction("part", 0, 1),
        speculation.fraction("factor", 1, Double.MAX_VALUE),
        speculation.time("at-least"),
        speculation.number("runs-min", 1));
  }

  /** Whether a task may be run twice. */
  static boolean isWanted(TaskTemplate task, ExecutionSpec execution) {
    return YES.equals(task.getConfigMap().get(MARK))
        || YES.equals(execution.getAnnotations().getValuesMap().get(MARK))
        || task.getContainer().getEnvList().stream()
            .anyMatch(
                pair -> pair.getKey().equals(MARK_IN_ENVIRONMENT) && pair.getValue().equals(YES));
  }

  /** How long a run may take before it is a straggler; empty while nobody can tell. */
  Optional<Duration> patience(TaskDurations durations, TaskTemplate task) {
    return durations
        .percentile(task.getId(), part, runsMin)
        .map(usual -> Duration.ofMillis((long) (usual.toMillis() * factor)))
        .map(patience -> patience.compareTo(atLeast) < 0 ? atLeast : patience);
  }
}
