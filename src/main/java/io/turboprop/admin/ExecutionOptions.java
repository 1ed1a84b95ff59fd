package io.turboprop.admin;

import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.ExecutionOuterClass.SystemMetadata;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import io.turboprop.workflow.ExecutionSettings;
import java.util.Optional;

/**
 * The options of an execution with all questions answered (admin §4.3): per field the execution's own
 * word, else its launch plan's, else the engine's.
 *
 * @param spec as it is stored and shown; without inputs
 */
record ExecutionOptions(ExecutionSpec spec, ExecutionSettings settings) {

  /**
   * @param given the execution's own
   * @param interruptible the workflow's default
   * @param settings the engine's
   */
  static ExecutionOptions resolve(
      ExecutionSpec given,
      LaunchPlanSpec launchPlan,
      boolean interruptible,
      ExecutionSettings settings,
      String namespace) {
    var spec = given.toBuilder().clearInputs();
    spec.setMetadata(metadata(given.getMetadata(), namespace));
    spec.setMaxParallelism(
        firstPositive(
            given.getMaxParallelism(), launchPlan.getMaxParallelism(), settings.parallelismMax()));
    if (!spec.hasSecurityContext() && launchPlan.hasSecurityContext()) {
      spec.setSecurityContext(launchPlan.getSecurityContext());
    }
    if (spec.getRawOutputDataConfig().getOutputLocationPrefix().isEmpty()) {
      spec.setRawOutputDataConfig(launchPlan.getRawOutputDataConfig());
    }
    if (spec.getLabels().getValuesCount() == 0) {
      spec.setLabels(launchPlan.getLabels());
    }
    if (spec.getAnnotations().getValuesCount() == 0) {
      spec.setAnnotations(launchPlan.getAnnotations());
    }
    if (!spec.hasInterruptible() && launchPlan.hasInterruptible()) {
      spec.setInterruptible(launchPlan.getInterruptible());
    }
    if (spec.getEnvs().getValuesCount() == 0) {
      spec.setEnvs(launchPlan.getEnvs());
    }
    spec.setOverwriteCache(given.getOverwriteCache() || launchPlan.getOverwriteCache());
    KubernetesLabels.check(spec.getLabels());
    return new ExecutionOptions(spec.build(), settings(spec, interruptible, settings));
  }

  private static ExecutionMetadata metadata(ExecutionMetadata given, String namespace) {
    var system = given.getSystemMetadata();
    return given.toBuilder()
        .setPrincipal("")
        .setSystemMetadata(
            SystemMetadata.newBuilder()
                .setExecutionCluster(system.getExecutionCluster())
                .setNamespace(namespace))
        .build();
  }

  private static int firstPositive(int... values) {
    for (var value : values) {
      if (value > 0) {
        return value;
      }
    }
    return 0;
  }

  private static ExecutionSettings settings(
      ExecutionSpec.Builder spec, boolean interruptible, ExecutionSettings engine) {
    var wanted =
        spec.hasInterruptible()
            ? Optional.of(spec.getInterruptible().getValue())
            : Optional.<Boolean>empty();
    return new ExecutionSettings(
        spec.getMaxParallelism(),
        wanted.orElse(interruptible),
        engine.systemRetriesMax(),
        engine.attemptsMaxDefault(),
        engine.backOffMin(),
        engine.backOffMax(),
        engine.inlineBytesMax());
  }
}
