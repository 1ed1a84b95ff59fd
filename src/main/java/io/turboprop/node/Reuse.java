package io.turboprop.node;

import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.data.ExecutionId;
import java.util.Optional;

/**
 * The wish to use again what an earlier execution has made.
 *
 * @param recovers all that succeeded counts (engine §6); otherwise only what would be the same
 */
public record Reuse(ExecutionId earlier, boolean recovers) {

  /**
   * The annotation of an execution that is to run again only what differs from an earlier one of
   * the same project and domain; its value is the earlier one's name.
   */
  public static final String RECOMPUTE_FROM = "turboprop.io/recompute-from";

  /** The wish in the options of an execution; empty when there is none. */
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

  /** The options of an execution with this wish. */
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
