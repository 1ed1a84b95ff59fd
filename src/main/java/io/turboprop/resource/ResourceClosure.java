package io.turboprop.resource;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Tasks.TaskTemplate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Converts the workflow in a resource back to its compiled closure: the inverse of what FlyteAdmin
 * does to make the resource. The engine makes its plan from this closure like from any other.
 *
 * <p>The closure lacks what a resource does not hold: versions of workflows, types of their inputs,
 * descriptions. Equal resources give equal closures.
 */
public final class ResourceClosure {
  private final FlyteWorkflow resource;
  private final Problems problems = new Problems();
  private final Map<String, Identifier> tasks = new HashMap<>();
  private final Map<String, Identifier> workflows = new HashMap<>();

  /** The keys of the sub-workflows to which each sub-workflow refers. */
  private final SortedMap<String, Set<String>> references = new TreeMap<>();

  private ResourceClosure(FlyteWorkflow resource) {
    this.resource = resource;
  }

  /**
   * The closure of a resource that holds its workflow.
   *
   * @throws MalformedResourceException with all problems that keep it from running
   */
  public static CompiledWorkflowClosure of(FlyteWorkflow resource)
      throws MalformedResourceException {
    return new ResourceClosure(resource).closure();
  }

  private CompiledWorkflowClosure closure() throws MalformedResourceException {
    var closure = CompiledWorkflowClosure.newBuilder();
    var templates = templates();
    templates.values().stream()
        .map(template -> CompiledTask.newBuilder().setTemplate(template))
        .forEach(closure::addTasks);
    var subWorkflows = new TreeMap<>(resource.subWorkflows());
    subWorkflows.forEach((key, spec) -> workflows.put(key, workflowId(spec, key)));
    subWorkflows.forEach((key, spec) -> {
      var place = "subWorkflows['" + key + "']";
      var converter = new WorkflowConverter(spec, place, scope(), problems);
      closure.addSubWorkflows(converter.convert(workflowId(spec, key), defaultInterruptible()));
      references.put(key, converter.subWorkflowKeys());
    });
    refuseRecursion();
    resource
        .spec()
        .ifPresentOrElse(
            spec ->
                closure.setPrimary(
                    new WorkflowConverter(spec, "spec", scope(), problems)
                        .convert(workflowId(spec, ""), defaultInterruptible())),
            () -> problems.add("spec", "is missing"));
    problems.throwIfAny();
    return closure.build();
  }

  private WorkflowConverter.Scope scope() {
    return new WorkflowConverter.Scope(tasks, workflows);
  }

  private boolean defaultInterruptible() {
    return resource.nodeDefaults().map(FlyteWorkflow.NodeDefaults::interruptible).orElse(false);
  }

  /** The templates by key, each with an identifier of its own. */
  private SortedMap<String, TaskTemplate> templates() {
    var templates = new TreeMap<String, TaskTemplate>();
    var seen = new HashSet<Identifier>();
    new TreeMap<>(resource.tasks())
        .forEach((key, template) -> {
          var id = template.getId().toBuilder().setResourceType(ResourceType.TASK);
          if (id.getName().isEmpty()) {
            id.setName(key);
          }
          if (!seen.add(id.build())) {
            problems.add("tasks['" + key + "'].id", "is that of another task too");
          }
          tasks.put(key, id.build());
          templates.put(key, template.toBuilder().setId(id).build());
        });
    return templates;
  }

  /**
   * Sub-workflows of the same name differ only in their version, which the resource does not hold;
   * their keys replace the version.
   */
  private static Identifier workflowId(WorkflowSpec spec, String key) {
    var parts = spec.id().split(":", 3);
    var id = Identifier.newBuilder().setResourceType(ResourceType.WORKFLOW).setVersion(key);
    return parts.length == 3
        ? id.setProject(parts[0]).setDomain(parts[1]).setName(parts[2]).build()
        : id.setName(spec.id()).build();
  }

  /**
   * Repeatedly removes the sub-workflows that refer to no remaining one; the rest are in cycles.
   */
  private void refuseRecursion() {
    var left = new TreeMap<>(references);
    boolean gone;
    do {
      gone = left.values().removeIf(keys -> keys.stream().noneMatch(left::containsKey));
    } while (gone);
    left.keySet().stream()
        .findFirst()
        .ifPresent(key ->
            problems.add(
                "subWorkflows['" + key + "']", "refers to itself, or to others that never end"));
  }
}
