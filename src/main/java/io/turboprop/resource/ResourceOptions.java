package io.turboprop.resource;

import com.google.protobuf.BoolValue;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Literals.KeyValuePair;
import io.turboprop.resource.FlyteWorkflow.ExecutionConfig;
import java.util.TreeMap;

/**
 * Converts the options in a resource ({@code executionConfig} and labels, annotations, security
 * context) to the options of an accepted execution.
 */
public final class ResourceOptions {
  private ResourceOptions() {}

  /** The options, without a launch plan, since a resource names none. */
  public static ExecutionSpec of(FlyteWorkflow resource) {
    var spec = ExecutionSpec.newBuilder();
    resource
        .metadata()
        .ifPresent(metadata -> {
          spec.getLabelsBuilder().putAllValues(metadata.labels());
          spec.getAnnotationsBuilder().putAllValues(metadata.annotations());
          spec.getMetadataBuilder().getSystemMetadataBuilder().setNamespace(metadata.namespace());
        });
    resource.securityContext().ifPresent(spec::setSecurityContext);
    resource.rawOutputDataConfig().ifPresent(spec::setRawOutputDataConfig);
    resource.executionConfig().ifPresent(config -> put(config, spec));
    return spec.build();
  }

  private static void put(ExecutionConfig config, ExecutionSpec.Builder spec) {
    spec.setMaxParallelism(config.maxParallelism()).setOverwriteCache(config.overwriteCache());
    config.interruptible().map(BoolValue::of).ifPresent(spec::setInterruptible);
    new TreeMap<>(config.environmentVariables())
        .forEach((key, value) ->
            spec.getEnvsBuilder().addValues(KeyValuePair.newBuilder().setKey(key).setValue(value)));
    config
        .recoveryExecution()
        .filter(earlier -> !earlier.getName().isEmpty())
        .ifPresent(earlier ->
            spec.getMetadataBuilder()
                .setMode(ExecutionMode.RECOVERED)
                .setReferenceExecution(earlier));
  }
}
