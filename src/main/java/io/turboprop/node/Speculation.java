package io.turboprop.node;

import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.setting.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * The rule for stragglers: when a run takes so long that a second run is started beside it. Only
 * tasks that are marked as safe to run twice have second runs.
 *
 * @param part the part of the task's latest runs, e.g. 0.95, that were shorter than the straggler
 * @param factor how many times longer the straggler has taken than those runs
 * @param atLeast the shortest duration of a straggler
 * @param runsMin how many runs must be known before the rule applies
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

  /** How long a run may take before it is a straggler; empty while too few runs are known. */
  Optional<Duration> stragglerAfter(TaskDurations durations, TaskTemplate task) {
    return durations
        .percentile(task.getId(), part, runsMin)
        .map(usual -> Duration.ofMillis((long) (usual.toMillis() * factor)))
        .map(after -> after.compareTo(atLeast) < 0 ? atLeast : after);
  }
}
