package io.turboprop.admin.definitions;

import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.WorkflowOuterClass.CreateWorkflowFailureReason;
import flyteidl.admin.WorkflowOuterClass.Workflow;
import flyteidl.admin.WorkflowOuterClass.WorkflowClosure;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateRequest;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateResponse;
import flyteidl.admin.WorkflowOuterClass.WorkflowList;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.turboprop.admin.definitions.Registration.Conflict;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.compiler.ClosureDigest;
import io.turboprop.compiler.CompilerError;
import io.turboprop.compiler.CompilerResult;
import io.turboprop.compiler.Requirements;
import io.turboprop.compiler.WorkflowCompiler;
import io.turboprop.compiler.WorkflowSource;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.StoredMessages;
import io.turboprop.execution.LaunchPlanInterfaces;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.TaskTables;
import io.turboprop.store.WorkflowTables;
import io.turboprop.store.WorkflowTables.NewWorkflow;
import io.turboprop.store.WorkflowTables.WorkflowRow;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Registration and look-up of workflows. */
public final class WorkflowDefinitions {
  private static final Set<String> INJECTED = Set.of("start-node", "end-node");

  private final WorkflowTables tables;
  private final TaskTables tasks;
  private final LaunchPlanInterfaces launchPlans;
  private final Registration registration;
  private final Lists lists;

  WorkflowDefinitions(
      WorkflowTables tables,
      TaskTables tasks,
      LaunchPlanTables launchPlans,
      Registration registration,
      Lists lists) {
    this.lists = lists;
    this.tables = tables;
    this.tasks = tasks;
    this.launchPlans = new LaunchPlanInterfaces(launchPlans);
    this.registration = registration;
  }

  public WorkflowCreateResponse createWorkflow(WorkflowCreateRequest request) {
    if (!request.hasId()) {
      throw AdminException.missing("id");
    }
    var id = Identifiers.valid(request.getId(), Kind.WORKFLOW);
    registration.check(id);
    if (!request.getSpec().hasTemplate()) {
      throw AdminException.missing("spec.template");
    }
    var closure = compile(request);
    checkSize(id, closure);
    var digest = ClosureDigest.of(closure);
    registration.insertOnce(
        digest,
        () -> tables.digest(id),
        () ->
            tables.insert(
                new NewWorkflow(
                    id,
                    digest,
                    closure.toByteString(),
                    closure.getPrimary().getTemplate().getInterface().toByteString(),
                    Registration.description(id, request.getSpec().getDescription()))),
        conflict(id, closure));
    return WorkflowCreateResponse.getDefaultInstance();
  }

  private CompiledWorkflowClosure compile(WorkflowCreateRequest request) {
    var primary = request.getSpec().getTemplate().toBuilder().setId(request.getId()).build();
    var subWorkflows = request.getSpec().getSubWorkflowsList();
    var requirements = Requirements.of(primary, subWorkflows);
    var source =
        new WorkflowSource(
            primary,
            subWorkflows,
            compiledTasks(requirements.tasks()),
            launchPlans.registered(requirements.launchPlans()));
    return switch (WorkflowCompiler.compile(source)) {
      case CompilerResult.Compiled(var closure) -> closure;
      case CompilerResult.Rejected(var errors) ->
          throw AdminException.invalidArgument(
              "failed to compile workflow for [%s] with err: %s"
                  .formatted(Identifiers.text(request.getId()), CompilerError.render(errors)));
    };
  }

  /** Reads the registered ones, in any order; the compiler reports the missing ones. */
  private List<CompiledTask> compiledTasks(List<Identifier> required) {
    var ids = required.stream().map(id -> EntityId.of(id, Kind.TASK)).toList();
    return tasks.findAll(ids).stream()
        .sorted(Comparator.comparing(row -> row.id().toString()))
        .map(row -> StoredMessages.parse(CompiledTask.parser(), row.compiled()))
        .toList();
  }

  private void checkSize(EntityId id, CompiledWorkflowClosure closure) {
    registration.checkSize(id, closure.getSerializedSize());
    var nodes =
        closure.getPrimary().getTemplate().getNodesList().stream()
            .filter(node -> !INJECTED.contains(node.getId()))
            .count();
    if (nodes > registration.limits().workflowNodesMax()) {
      throw AdminException.invalidArgument(
          "%s has %d nodes; the limit is %d"
              .formatted(id, nodes, registration.limits().workflowNodesMax()));
    }
  }

  private Conflict conflict(EntityId id, CompiledWorkflowClosure given) {
    var identical = CreateWorkflowFailureReason.newBuilder();
    identical.getExistsIdenticalStructureBuilder().setId(id.toMessage());
    var different = CreateWorkflowFailureReason.newBuilder();
    different.getExistsDifferentStructureBuilder().setId(id.toMessage());
    return new Conflict(
        id,
        given,
        () -> closure(find(id).planDigest()),
        List.of(identical.build()),
        List.of(different.build()));
  }

  public Workflow getWorkflow(ObjectGetRequest request) {
    var row = find(Identifiers.read(request.getId(), Kind.WORKFLOW));
    return message(row, closure(row.planDigest()));
  }

  private WorkflowRow find(EntityId id) {
    return tables.find(id).orElseThrow(() -> Identifiers.notFound(id));
  }

  private CompiledWorkflowClosure closure(String planDigest) {
    return tables
        .closure(planDigest)
        .map(bytes -> StoredMessages.parse(CompiledWorkflowClosure.parser(), bytes))
        .orElseThrow(() -> new IllegalStateException("no plan of digest " + planDigest));
  }

  /** Lists leave out closures, except for the interface. */
  public WorkflowList listWorkflows(ResourceListRequest request) {
    var id = request.getId();
    var scope = Identifiers.scope(id.getProject(), id.getDomain(), id.getName());
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var page = tables.list(scope, query);
    var answer = WorkflowList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addWorkflows(message(row, onlyInterface(row))));
    return answer.build();
  }

  private static CompiledWorkflowClosure onlyInterface(WorkflowRow row) {
    var template =
        WorkflowTemplate.newBuilder()
            .setInterface(StoredMessages.parse(TypedInterface.parser(), row.typedInterface()));
    var closure = CompiledWorkflowClosure.newBuilder();
    closure.getPrimaryBuilder().setTemplate(template);
    return closure.build();
  }

  private static Workflow message(WorkflowRow row, CompiledWorkflowClosure closure) {
    return Workflow.newBuilder()
        .setId(row.id().toMessage())
        .setShortDescription(row.shortDescription())
        .setClosure(
            WorkflowClosure.newBuilder()
                .setCompiledWorkflow(closure)
                .setCreatedAt(Identifiers.timestamp(row.createdAt())))
        .build();
  }
}
