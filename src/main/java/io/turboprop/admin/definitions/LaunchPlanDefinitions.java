package io.turboprop.admin.definitions;

import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.LaunchPlanOuterClass.ActiveLaunchPlanListRequest;
import flyteidl.admin.LaunchPlanOuterClass.ActiveLaunchPlanRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanClosure;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanCreateRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanCreateResponse;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanList;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanState;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanUpdateRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanUpdateResponse;
import flyteidl.core.Interface.TypedInterface;
import io.turboprop.admin.definitions.Registration.Conflict;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.compiler.LaunchPlanInterface;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.Sha256;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.LaunchPlanTables.LaunchPlanRow;
import io.turboprop.store.LaunchPlanTables.NewLaunchPlan;
import io.turboprop.store.ListQuery;
import io.turboprop.store.Page;
import io.turboprop.store.WorkflowTables;

/** Registration, activation and look-up of launch plans. */
public final class LaunchPlanDefinitions {
  private final LaunchPlanTables tables;
  private final WorkflowTables workflows;
  private final Registration registration;
  private final Lists lists;

  LaunchPlanDefinitions(
      LaunchPlanTables tables, WorkflowTables workflows, Registration registration, Lists lists) {
    this.lists = lists;
    this.tables = tables;
    this.workflows = workflows;
    this.registration = registration;
  }

  public LaunchPlanCreateResponse createLaunchPlan(LaunchPlanCreateRequest request) {
    if (!request.hasSpec()) {
      throw AdminException.missing("spec");
    }
    var workflowId = Identifiers.valid(request.getSpec().getWorkflowId(), Kind.WORKFLOW);
    var workflow = workflows.find(workflowId).orElseThrow(() -> Identifiers.notFound(workflowId));
    if (!request.hasId()) {
      throw AdminException.missing("id");
    }
    var id = Identifiers.valid(request.getId(), Kind.LAUNCH_PLAN);
    registration.check(id);
    var signature = StoredMessages.parse(TypedInterface.parser(), workflow.typedInterface());
    LaunchPlanRules.check(request.getSpec(), signature);
    insert(id, workflowId, complete(request, signature));
    return LaunchPlanCreateResponse.getDefaultInstance();
  }

  /** The launch plan as stored: its defaults list all inputs that are not fixed. */
  private static LaunchPlan complete(LaunchPlanCreateRequest request, TypedInterface signature) {
    var given = request.getSpec();
    var expected = LaunchPlanInterface.derive(request.getId(), given, signature);
    ScheduleRules.check(given, expected.expectedInputs());
    return LaunchPlan.newBuilder()
        .setSpec(given.toBuilder().setDefaultInputs(expected.expectedInputs()))
        .setClosure(
            LaunchPlanClosure.newBuilder()
                .setExpectedInputs(expected.expectedInputs())
                .setExpectedOutputs(expected.expectedOutputs()))
        .build();
  }

  private void insert(EntityId id, EntityId workflowId, LaunchPlan plan) {
    registration.checkSize(id, plan.getSerializedSize());
    var digest = Sha256.hex(plan);
    registration.insertOnce(
        digest,
        () -> tables.digest(id),
        () ->
            tables.insert(
                new NewLaunchPlan(
                    id,
                    digest,
                    workflowId,
                    ScheduleRules.type(plan.getSpec()),
                    plan.getSpec().toByteString(),
                    plan.getClosure().toByteString())),
        new Conflict(id, plan.getSpec(), () -> message(find(id)).getSpec()));
  }

  /** As in FlyteAdmin, the identifier's resource type matters only for a deactivation. */
  public LaunchPlanUpdateResponse updateLaunchPlan(LaunchPlanUpdateRequest request) {
    var id = EntityId.of(request.getId(), Kind.LAUNCH_PLAN);
    var found =
        switch (request.getState()) {
          case ACTIVE -> tables.activate(id);
          case INACTIVE -> tables.deactivate(Identifiers.read(request.getId(), Kind.LAUNCH_PLAN));
          case UNRECOGNIZED -> throw AdminException.invalidArgument("invalid value for state");
        };
    if (!found) {
      throw Identifiers.notFound(id);
    }
    return LaunchPlanUpdateResponse.getDefaultInstance();
  }

  public LaunchPlan getLaunchPlan(ObjectGetRequest request) {
    return message(find(Identifiers.read(request.getId(), Kind.LAUNCH_PLAN)));
  }

  private LaunchPlanRow find(EntityId id) {
    return tables.find(id).orElseThrow(() -> Identifiers.notFound(id));
  }

  public LaunchPlan getActiveLaunchPlan(ActiveLaunchPlanRequest request) {
    var id = request.getId();
    Identifiers.required(id.getName(), "name");
    return tables
        .findActive(Identifiers.scope(id.getProject(), id.getDomain(), id.getName()))
        .map(LaunchPlanDefinitions::message)
        .orElseThrow(() -> noneActive(id));
  }

  private static AdminException noneActive(NamedEntityIdentifier id) {
    return AdminException.notFound(
        "No active launch plan could be found: %s:%s:%s"
            .formatted(id.getProject(), id.getDomain(), id.getName()));
  }

  public LaunchPlanList listActiveLaunchPlans(ActiveLaunchPlanListRequest request) {
    var query = lists.query(request.getLimit(), request.getToken(), "", request.getSortBy());
    var scope = Identifiers.scope(request.getProject(), request.getDomain(), "");
    return answer(query, tables.listActive(scope, query));
  }

  public LaunchPlanList listLaunchPlans(ResourceListRequest request) {
    var id = request.getId();
    var scope = Identifiers.scope(id.getProject(), id.getDomain(), id.getName());
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    return answer(query, tables.list(scope, query));
  }

  private static LaunchPlanList answer(ListQuery query, Page<LaunchPlanRow> page) {
    var answer = LaunchPlanList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addLaunchPlans(message(row)));
    return answer.build();
  }

  private static LaunchPlan message(LaunchPlanRow row) {
    var closure = StoredMessages.parse(LaunchPlanClosure.parser(), row.closure()).toBuilder();
    closure.setState(LaunchPlanState.forNumber(row.state()));
    closure.setCreatedAt(Identifiers.timestamp(row.createdAt()));
    closure.setUpdatedAt(Identifiers.timestamp(row.updatedAt()));
    return LaunchPlan.newBuilder()
        .setId(row.id().toMessage())
        .setSpec(StoredMessages.parse(LaunchPlanSpec.parser(), row.spec()))
        .setClosure(closure)
        .build();
  }
}
