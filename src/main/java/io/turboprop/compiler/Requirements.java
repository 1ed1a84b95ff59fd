package io.turboprop.compiler;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The definitions that a workflow needs to be compiled: the tasks and launch plans of its nodes,
 * including branch arms, array nodes, failure nodes and sub-workflows.
 *
 * @param tasks the tasks, each once, by project, domain, name and version
 * @param launchPlans the launch plans, in the same order
 * @param subWorkflows the used sub-workflows, in the order of their first use
 * @param errors sub-workflows that are missing ({@code WorkflowReferenceNotFound}), or that contain
 *     themselves ({@code CycleDetected}; Flyte's compiler overflows its stack instead)
 */
public record Requirements(
    List<Identifier> tasks,
    List<Identifier> launchPlans,
    List<Identifier> subWorkflows,
    List<CompilerError> errors) {

  public Requirements {
    tasks = List.copyOf(tasks);
    launchPlans = List.copyOf(launchPlans);
    subWorkflows = List.copyOf(subWorkflows);
    errors = List.copyOf(errors);
  }

  /** Collects the requirements of the primary workflow and of all sub-workflows that it uses. */
  public static Requirements of(
      WorkflowTemplate primary, Collection<WorkflowTemplate> subWorkflows) {
    var search = new Search(subWorkflows);
    search.workflow(primary);
    return new Requirements(
        List.copyOf(search.tasks),
        List.copyOf(search.launchPlans),
        List.copyOf(search.visited),
        search.errors.toList());
  }

  private static final class Search {
    final Set<Identifier> tasks = new TreeSet<>(Identifiers.ORDER);
    final Set<Identifier> launchPlans = new TreeSet<>(Identifiers.ORDER);
    final CompilerErrors errors = new CompilerErrors();
    private final Map<Identifier, WorkflowTemplate> subWorkflows = new HashMap<>();
    private final Set<Identifier> visited = new LinkedHashSet<>();

    /** The path from the primary workflow to the searched one. */
    private final Deque<Identifier> path = new ArrayDeque<>();

    Search(Collection<WorkflowTemplate> subWorkflows) {
      subWorkflows.forEach(template -> this.subWorkflows.putIfAbsent(template.getId(), template));
    }

    void workflow(WorkflowTemplate template) {
      path.addLast(template.getId());
      template.getNodesList().forEach(this::node);
      if (template.hasFailureNode()) {
        node(template.getFailureNode());
      }
      path.removeLast();
    }

    private void node(Node node) {
      switch (node.getTargetCase()) {
        case TASK_NODE -> {
          if (node.getTaskNode().hasReferenceId()) {
            tasks.add(node.getTaskNode().getReferenceId());
          }
        }
        case WORKFLOW_NODE -> {
          switch (node.getWorkflowNode().getReferenceCase()) {
            case LAUNCHPLAN_REF -> launchPlans.add(node.getWorkflowNode().getLaunchplanRef());
            case SUB_WORKFLOW_REF ->
                subWorkflow(node.getId(), node.getWorkflowNode().getSubWorkflowRef());
            case REFERENCE_NOT_SET -> {}
          }
        }
        case BRANCH_NODE -> Nodes.arms(node.getBranchNode()).forEach(this::node);
        case ARRAY_NODE -> node(node.getArrayNode().getNode());
        case GATE_NODE, TARGET_NOT_SET -> {}
      }
    }

    private void subWorkflow(String nodeId, Identifier id) {
      var template = subWorkflows.get(id);
      if (path.contains(id)) {
        errors.add(
            ErrorCode.CYCLE_DETECTED,
            nodeId,
            "sub-workflow [" + Identifiers.text(id) + "] contains itself: " + pathTo(id));
      } else if (template == null) {
        errors.add(
            ErrorCode.WORKFLOW_REFERENCE_NOT_FOUND,
            nodeId,
            "sub-workflow [" + Identifiers.text(id) + "] is not among those given");
      } else if (visited.add(id)) {
        workflow(template);
      }
    }

    private String pathTo(Identifier id) {
      return path.stream()
              .dropWhile(step -> !step.equals(id))
              .map(Identifiers::text)
              .collect(Collectors.joining(" > "))
          + " > "
          + Identifiers.text(id);
    }
  }
}
