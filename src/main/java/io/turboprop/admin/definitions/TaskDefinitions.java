package io.turboprop.admin.definitions;

import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.MatchableResourceOuterClass.MatchableResource;
import flyteidl.admin.MatchableResourceOuterClass.TaskResourceSpec;
import flyteidl.admin.TaskOuterClass.Task;
import flyteidl.admin.TaskOuterClass.TaskClosure;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.TaskOuterClass.TaskCreateResponse;
import flyteidl.admin.TaskOuterClass.TaskList;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.admin.definitions.Registration.Conflict;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.compiler.CompilerError;
import io.turboprop.compiler.TaskCompiler;
import io.turboprop.compiler.TaskResult;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.Sha256;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.AttributeTables.Target;
import io.turboprop.store.TaskTables;
import io.turboprop.store.TaskTables.NewTask;
import io.turboprop.store.TaskTables.TaskRow;
import java.util.Optional;

/** Registration and look-up of tasks. */
public final class TaskDefinitions {
  private final TaskTables tables;
  private final Registration registration;
  private final MatchableAttributes attributes;
  private final Lists lists;

  TaskDefinitions(
      TaskTables tables, Registration registration, MatchableAttributes attributes, Lists lists) {
    this.attributes = attributes;
    this.lists = lists;
    this.tables = tables;
    this.registration = registration;
  }

  /** A registered task, for the creation of executions. */
  public Optional<CompiledTask> find(EntityId id) {
    return tables.find(id).map(TaskDefinitions::compiled);
  }

  public TaskCreateResponse createTask(TaskCreateRequest request) {
    if (!request.hasId()) {
      throw AdminException.missing("id");
    }
    var id = Identifiers.valid(request.getId(), Kind.TASK);
    registration.check(id);
    var template = validated(request);
    var compiled = compile(template);
    registration.checkSize(id, compiled.getSerializedSize());
    var digest = Sha256.hex(compiled);
    registration.insertOnce(
        digest,
        () -> tables.digest(id),
        () ->
            tables.insert(
                new NewTask(
                    id,
                    digest,
                    template.getType(),
                    compiled.toByteString(),
                    Registration.description(id, request.getSpec().getDescription()))),
        new Conflict(id, compiled, () -> find(id).orElseGet(CompiledTask::getDefaultInstance)));
    return TaskCreateResponse.getDefaultInstance();
  }

  private TaskTemplate validated(TaskCreateRequest request) {
    if (!request.getSpec().hasTemplate()) {
      throw AdminException.missing("spec.template");
    }
    var template = request.getSpec().getTemplate();
    Identifiers.required(template.getType(), "type");
    if (!template.hasMetadata()) {
      throw AdminException.missing("metadata");
    }
    if (template.getMetadata().hasRuntime()) {
      Identifiers.required(template.getMetadata().getRuntime().getVersion(), "runtime version");
    }
    if (!template.hasInterface()) {
      throw AdminException.missing("typed interface");
    }
    if (template.hasContainer()) {
      Identifiers.required(template.getContainer().getImage(), "image");
      TaskResources.check(template.getContainer().getResources(), platformLimits(request.getId()));
    }
    if (template.hasK8SPod() && !template.getK8SPod().hasPodSpec()) {
      throw AdminException.missing("pod_spec");
    }
    return template.toBuilder().setId(request.getId()).build();
  }

  private TaskResourceSpec platformLimits(Identifier task) {
    return attributes
        .match(
            MatchableResource.TASK_RESOURCE,
            new Target(task.getProject(), task.getDomain(), "", ""))
        .map(found -> found.getTaskResourceAttributes().getLimits())
        .orElseGet(TaskResourceSpec::getDefaultInstance);
  }

  private static CompiledTask compile(TaskTemplate template) {
    return switch (TaskCompiler.compile(template)) {
      case TaskResult.Compiled(var task) -> task;
      case TaskResult.Rejected(var errors) ->
          throw AdminException.invalidArgument(
              "task failed compilation with " + CompilerError.render(errors));
    };
  }

  /** The identifier's resource type does not matter: some clients leave it out. */
  public Task getTask(ObjectGetRequest request) {
    var id = EntityId.of(request.getId(), Kind.TASK);
    return tables
        .find(id)
        .map(TaskDefinitions::message)
        .orElseThrow(() -> Identifiers.notFound(id));
  }

  public TaskList listTasks(ResourceListRequest request) {
    var id = request.getId();
    var scope = Identifiers.scope(id.getProject(), id.getDomain(), id.getName());
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var page = tables.list(scope, query);
    var answer = TaskList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addTasks(message(row)));
    return answer.build();
  }

  private static Task message(TaskRow row) {
    return Task.newBuilder()
        .setId(row.id().toMessage())
        .setShortDescription(row.shortDescription())
        .setClosure(
            TaskClosure.newBuilder()
                .setCompiledTask(compiled(row))
                .setCreatedAt(Identifiers.timestamp(row.createdAt())))
        .build();
  }

  private static CompiledTask compiled(TaskRow row) {
    return StoredMessages.parse(CompiledTask.parser(), row.compiled());
  }
}
