package io.turboprop.node;

import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.data.ExecutionId;
import java.util.Optional;

/**
 * The request to reuse the results of an earlier execution.
 *
 * @param recovers true: reuse every succeeded node (Flyte's recovery); false: reuse only nodes that
 *     would do the same with the same inputs
 */
public record Reuse(ExecutionId earlier, boolean recovers) {

  /**
   * The annotation that makes an execution run only the nodes that differ from an earlier execution
   * of the same project and domain; its value is the earlier execution's name.
   */
  public static final String RECOMPUTE_FROM = "turboprop.io/recompute-from";

  /** The request in the options of an execution; empty when there is none. */
  public static Optional<Reuse> of(ExecutionSpec spec) {
    var metadata = spec.getMetadata();
    if (metadata.getMode() == ExecutionMode.RECOVERED) {
      return Optional.of(new Reuse(id(metadata.getReferenceExecution()), true));
    }
    return metadata.hasReferenceExecution()
            && spec.getAnnotations().getValuesMap().containsKey(RECOMPUTE_FROM)
        ? Optional.of(new Reuse(id(metadata.getReferenceExecution()), false))
        : Optional.empty();
  }

  /** Adds this request to the options of an execution. */
  ExecutionSpec asked(ExecutionSpec spec) {
    var asked = spec.toBuilder();
    if (recovers) {
      asked
          .getMetadataBuilder()
          .setMode(ExecutionMode.RECOVERED)
          .getReferenceExecutionBuilder()
          .setProject(earlier.project())
          .setDomain(earlier.domain())
          .setName(earlier.name());
    } else {
      asked.getAnnotationsBuilder().putValues(RECOMPUTE_FROM, earlier.name());
    }
    return asked.build();
  }

  private static ExecutionId id(WorkflowExecutionIdentifier id) {
    return new ExecutionId(id.getProject(), id.getDomain(), id.getName());
  }
}
