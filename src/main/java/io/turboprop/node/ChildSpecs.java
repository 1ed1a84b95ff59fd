package io.turboprop.node;

import flyteidl.admin.Common.Annotations;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.entity.Assignment;
import java.util.Optional;

/**
 * Derives the options of a child execution from its parent's, as FlytePropeller does for the node's
 * {@code launchplan_ref}; pure.
 */
final class ChildSpecs {
  private ChildSpecs() {}

  /**
   * The options of the child. Unlike with FlytePropeller, its nesting is one more than its
   * parent's, and its principal is the parent's.
   *
   * @param parent with all options resolved
   * @param reuse the earlier execution that the child reuses
   */
  static ExecutionSpec of(
      Assignment node, EntityId launchPlan, ExecutionSpec parent, Optional<Reuse> reuse) {
    var spec =
        ExecutionSpec.newBuilder()
            .setLaunchPlan(launchPlan(launchPlan))
            .setMetadata(metadata(node, parent.getMetadata()))
            .setLabels(parent.getLabels())
            .setAnnotations(annotations(parent.getAnnotations()))
            .setSecurityContext(parent.getSecurityContext())
            .setMaxParallelism(parent.getMaxParallelism())
            .setRawOutputDataConfig(parent.getRawOutputDataConfig())
            .setOverwriteCache(parent.getOverwriteCache())
            .setEnvs(parent.getEnvs());
    if (parent.hasInterruptible()) {
      spec.setInterruptible(parent.getInterruptible());
    }
    if (parent.hasExecutionClusterLabel()) {
      spec.setExecutionClusterLabel(parent.getExecutionClusterLabel());
    }
    return reuse.map(wish -> wish.asked(spec.build())).orElseGet(spec::build);
  }

  /** A child can't repeat the execution that its parent repeats. */
  private static Annotations annotations(Annotations parent) {
    return parent.toBuilder().removeValues(Reuse.RECOMPUTE_FROM).build();
  }

  private static ExecutionMetadata metadata(Assignment node, ExecutionMetadata parent) {
    return ExecutionMetadata.newBuilder()
        .setMode(ExecutionMode.CHILD_WORKFLOW)
        .setNesting(parent.getNesting() + 1)
        .setPrincipal(parent.getPrincipal())
        .setParentNodeExecution(
            NodeExecutionIdentifier.newBuilder()
                .setExecutionId(execution(node.execution().id()))
                .setNodeId(node.uniqueNodeId()))
        .build();
  }

  private static WorkflowExecutionIdentifier execution(ExecutionId id) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .build();
  }

  private static Identifier launchPlan(EntityId id) {
    return Identifier.newBuilder()
        .setResourceType(ResourceType.LAUNCH_PLAN)
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .setVersion(id.version())
        .build();
  }
}
