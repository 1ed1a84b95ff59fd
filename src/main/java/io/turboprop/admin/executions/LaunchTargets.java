package io.turboprop.admin.executions;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanClosure;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.LaunchPlanTables.LaunchPlanRow;
import io.turboprop.store.WorkflowTables;

/**
 * Finds the launch target of a request. Registered versions never change, so found targets are
 * cached.
 */
final class LaunchTargets {
  private static final long REMEMBERED_MAX = 10_000;

  private final LaunchPlanTables launchPlans;
  private final WorkflowTables workflows;
  private final SingleTasks singleTasks;
  private final Cache<EntityId, LaunchTarget> known =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).build();

  LaunchTargets(LaunchPlanTables launchPlans, WorkflowTables workflows, SingleTasks singleTasks) {
    this.launchPlans = launchPlans;
    this.workflows = workflows;
    this.singleTasks = singleTasks;
  }

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} for an identifier that is neither a launch
   *     plan's nor a task's, {@code NOT_FOUND} for an unregistered target
   */
  LaunchTarget find(Identifier reference) {
    return switch (reference.getResourceType()) {
      case LAUNCH_PLAN -> launchPlan(Identifiers.valid(reference, Kind.LAUNCH_PLAN));
      case TASK -> task(Identifiers.valid(reference, Kind.TASK));
      case UNSPECIFIED, WORKFLOW, DATASET, UNRECOGNIZED ->
          throw AdminException.invalidArgument(
              "spec.launch_plan has resource type %s; it may be %s or %s"
                  .formatted(
                      reference.getResourceType(), ResourceType.LAUNCH_PLAN, ResourceType.TASK));
    };
  }

  private LaunchTarget launchPlan(EntityId id) {
    return known.get(id, _ -> target(id, id));
  }

  private LaunchTarget task(EntityId id) {
    return known.get(id, _ -> target(id, singleTasks.launchPlanOf(id)));
  }

  private LaunchTarget target(EntityId launched, EntityId launchPlan) {
    var row = launchPlans.find(launchPlan).orElseThrow(() -> Identifiers.notFound(launchPlan));
    var spec = StoredMessages.parse(LaunchPlanSpec.parser(), row.spec());
    var workflowId = EntityId.of(spec.getWorkflowId(), Kind.WORKFLOW);
    var workflow = workflows.find(workflowId).orElseThrow(() -> Identifiers.notFound(workflowId));
    return new LaunchTarget(
        launched, workflowId, spec, closure(row).getExpectedInputs(), workflow.planDigest());
  }

  private static LaunchPlanClosure closure(LaunchPlanRow row) {
    return StoredMessages.parse(LaunchPlanClosure.parser(), row.closure());
  }
}
