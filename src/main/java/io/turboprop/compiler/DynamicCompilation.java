package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.turboprop.data.ExecutionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/**
 * Compiles the graph of a dynamic task ({@code flyteidl.core.DynamicJobSpec}): a workflow without
 * inputs, whose outputs are the task's outputs. The graph contains all tasks that it refers to, but
 * not the launch plans.
 */
public final class DynamicCompilation {
  private static final String NAME_PREFIX = "dynamic_";

  private final WorkflowTemplate workflow;
  private final DynamicJobSpec made;
  private final TaskTemplate parent;

  private DynamicCompilation(WorkflowTemplate workflow, DynamicJobSpec made, TaskTemplate parent) {
    this.workflow = workflow;
    this.made = made;
    this.parent = parent;
  }

  /**
   * Compiles the graph of a task; the same source always gives an equal result.
   *
   * @param id the identifier of the resulting workflow, see {@link #id}
   * @param parent the template of the task
   * @param launchPlans finds the interfaces of the registered launch plans, in a single call
   */
  public static CompilerResult compile(
      Identifier id,
      TaskTemplate parent,
      DynamicJobSpec made,
      Function<List<Identifier>, List<LaunchPlanInterface>> launchPlans) {
    var workflow =
        WorkflowTemplate.newBuilder()
            .setId(id)
            .setInterface(
                TypedInterface.newBuilder().setOutputs(parent.getInterface().getOutputs()))
            .addAllNodes(made.getNodesList())
            .addAllOutputs(made.getOutputsList())
            .build();
    return new DynamicCompilation(workflow, made, parent).compile(launchPlans);
  }

  /**
   * The identifier of a dynamic workflow, as in Flyte, except that the version is derived from the
   * content, so that equal graphs are stored once.
   *
   * @param nodeId the id of the dynamic node, in its own graph
   */
  public static Identifier id(ExecutionId execution, String nodeId, String version) {
    return Identifier.newBuilder()
        .setResourceType(ResourceType.WORKFLOW)
        .setProject(execution.project())
        .setDomain(execution.domain())
        .setName(NAME_PREFIX + nodeId)
        .setVersion(version)
        .build();
  }

  private CompilerResult compile(
      Function<List<Identifier>, List<LaunchPlanInterface>> launchPlans) {
    var errors = new CompilerErrors();
    var tasks = tasks(errors);
    if (!errors.isEmpty()) {
      return new CompilerResult.Rejected(errors.toList());
    }
    var required = Requirements.of(workflow, made.getSubworkflowsList()).launchPlans();
    return WorkflowCompiler.compile(
        new WorkflowSource(
            workflow,
            made.getSubworkflowsList(),
            tasks,
            required.isEmpty() ? List.of() : launchPlans.apply(required)));
  }

  /** The tasks, each once: if two have the same identifier, the first counts. */
  private List<CompiledTask> tasks(CompilerErrors errors) {
    var seen = new HashSet<Identifier>();
    var tasks = new ArrayList<CompiledTask>();
    for (var task : made.getTasksList()) {
      if (seen.add(task.getId())) {
        switch (TaskCompiler.compile(withConfigOfParent(task))) {
          case TaskResult.Compiled(var compiled) -> tasks.add(compiled);
          case TaskResult.Rejected(var found) ->
              found.forEach(error ->
                  errors.add(
                      error.code(),
                      error.nodeId(),
                      "task [%s]: %s"
                          .formatted(Identifiers.text(task.getId()), error.description())));
        }
      }
    }
    return tasks;
  }

  private TaskTemplate withConfigOfParent(TaskTemplate task) {
    if (!parent.hasContainer() || !task.hasContainer()) {
      return task;
    }
    var child = task.toBuilder();
    child.getContainerBuilder().addAllConfig(parent.getContainer().getConfigList());
    return child.build();
  }
}
