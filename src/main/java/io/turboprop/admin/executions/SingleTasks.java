package io.turboprop.admin.executions;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanCreateRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateRequest;
import flyteidl.admin.WorkflowOuterClass.WorkflowSpec;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.RetryStrategy;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.OutputReference;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.NodeMetadata;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.LaunchPlanDefinitions;
import io.turboprop.admin.definitions.WorkflowDefinitions;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.NameScope;
import io.turboprop.store.NamedEntityTables;
import io.turboprop.store.TaskTables;
import java.util.List;
import java.util.TreeSet;

/**
 * Makes workflows of single tasks, as FlyteAdmin does: the task becomes the only node of a workflow
 * {@code .flytegen.<task>}, which is registered at its first execution.
 */
final class SingleTasks {
  private static final String PREFIX = ".flytegen.";
  private static final int NODE_ID_LENGTH_MAX = 63;
  private static final int RETRIES = 3;

  /** The number of {@code flyteidl.admin.NamedEntityState.SYSTEM_GENERATED}. */
  private static final int SYSTEM_GENERATED = 2;

  private final TaskTables tasks;
  private final WorkflowDefinitions workflows;
  private final LaunchPlanDefinitions launchPlans;
  private final NamedEntityTables names;

  SingleTasks(
      TaskTables tasks,
      WorkflowDefinitions workflows,
      LaunchPlanDefinitions launchPlans,
      NamedEntityTables names) {
    this.tasks = tasks;
    this.workflows = workflows;
    this.launchPlans = launchPlans;
    this.names = names;
  }

  /**
   * The launch plan that executes the task; this call registers a missing launch plan.
   *
   * @throws AdminException {@code NOT_FOUND} for a task that is not registered
   */
  EntityId launchPlanOf(EntityId task) {
    var row = tasks.find(task).orElseThrow(() -> Identifiers.notFound(task));
    var template = StoredMessages.parse(CompiledTask.parser(), row.compiled()).getTemplate();
    var workflow = generated(task, Kind.WORKFLOW);
    var launchPlan = generated(task, Kind.LAUNCH_PLAN);
    unlessThere(() -> workflows.createWorkflow(workflow(workflow, template)));
    unlessThere(() -> launchPlans.createLaunchPlan(launchPlan(launchPlan, workflow)));
    for (var id : List.of(workflow, launchPlan)) {
      names.update(
          id.kind(), new NameScope(id.project(), id.domain(), id.name()), "", SYSTEM_GENERATED);
    }
    return launchPlan;
  }

  private static EntityId generated(EntityId task, Kind kind) {
    return new EntityId(kind, task.project(), task.domain(), PREFIX + task.name(), task.version());
  }

  private static void unlessThere(Runnable registration) {
    try {
      registration.run();
    } catch (AdminException e) {
      if (e.code() != Code.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  private static WorkflowCreateRequest workflow(EntityId id, TaskTemplate task) {
    return WorkflowCreateRequest.newBuilder()
        .setId(id.toMessage())
        .setSpec(WorkflowSpec.newBuilder().setTemplate(template(id, task)))
        .build();
  }

  private static WorkflowTemplate template(EntityId id, TaskTemplate task) {
    var node = nodeId(task.getId().getName());
    var signature = task.getInterface();
    var template =
        WorkflowTemplate.newBuilder()
            .setId(id.toMessage())
            .setInterface(signature)
            .addNodes(node(node, task, signature));
    new TreeSet<>(signature.getOutputs().getVariablesMap().keySet())
        .forEach(output -> template.addOutputs(promise(node, output)));
    return template.build();
  }

  private static Node node(String id, TaskTemplate task, TypedInterface signature) {
    var declared = task.getMetadata().getRetries().getRetries();
    var node =
        Node.newBuilder()
            .setId(id)
            .setMetadata(
                NodeMetadata.newBuilder()
                    .setName(id)
                    .setRetries(
                        RetryStrategy.newBuilder().setRetries(declared > 0 ? declared : RETRIES)))
            .setTaskNode(TaskNode.newBuilder().setReferenceId(task.getId()));
    new TreeSet<>(signature.getInputs().getVariablesMap().keySet())
        .forEach(input -> node.addInputs(promise("", input)));
    return node.build();
  }

  private static Binding promise(String node, String variable) {
    return Binding.newBuilder()
        .setVar(variable)
        .setBinding(
            BindingData.newBuilder()
                .setPromise(OutputReference.newBuilder().setNodeId(node).setVar(variable)))
        .build();
  }

  /** The end of the task's name, cut to the length of a node id. */
  private static String nodeId(String taskName) {
    var end = taskName.substring(Math.max(0, taskName.length() - NODE_ID_LENGTH_MAX));
    var id = end.replaceAll("[^a-zA-Z0-9-]", "").replaceAll("^-+|-+$", "");
    return id.isEmpty() ? "task" : id;
  }

  private static LaunchPlanCreateRequest launchPlan(EntityId id, EntityId workflow) {
    return LaunchPlanCreateRequest.newBuilder()
        .setId(id.toMessage())
        .setSpec(LaunchPlanSpec.newBuilder().setWorkflowId(workflow.toMessage()))
        .build();
  }
}
