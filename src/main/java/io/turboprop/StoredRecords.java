package io.turboprop;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import flyteidl.admin.MatchableResourceOuterClass.MatchableResource;
import flyteidl.admin.MatchableResourceOuterClass.MatchingAttributes;
import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import io.turboprop.admin.definitions.MatchableAttributes;
import io.turboprop.data.ExecutionId;
import io.turboprop.kubernetes.ResourceSettings;
import io.turboprop.plugin.EngineRecords;
import io.turboprop.plugin.TaskContext;
import io.turboprop.store.AttributeTables.Target;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.ResourceTables;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The records of the engine in its tables. What every pod asks for is read once for many pods: the
 * resource of an execution, which never changes, and attributes, which are read again every second.
 */
final class StoredRecords implements EngineRecords {
  private static final Duration ATTRIBUTES_KEPT = Duration.ofSeconds(1);
  private static final int KEPT_MAX = 10_000;

  private final ExecutionTables executions;
  private final MatchableAttributes attributes;
  private final ResourceSettings settings;
  private final LoadingCache<ExecutionId, Optional<WorkflowResource>> resources;
  private final LoadingCache<Target, TaskResourceAttributes> taskResources;

  StoredRecords(
      ExecutionTables executions,
      ResourceTables resources,
      MatchableAttributes attributes,
      ResourceSettings settings) {
    this.executions = executions;
    this.attributes = attributes;
    this.settings = settings;
    this.resources =
        Caffeine.newBuilder()
            .maximumSize(KEPT_MAX)
            .build(execution -> resources.of(execution).map(this::located));
    this.taskResources =
        Caffeine.newBuilder()
            .expireAfterWrite(ATTRIBUTES_KEPT)
            .maximumSize(KEPT_MAX)
            .build(this::read);
  }

  private WorkflowResource located(ResourceTables.Resource resource) {
    return new WorkflowResource(
        settings.access().kubeconfig(),
        settings.access().context(),
        resource.namespace(),
        resource.name(),
        resource.uid());
  }

  private TaskResourceAttributes read(Target target) {
    return attributes
        .match(MatchableResource.TASK_RESOURCE, target)
        .map(MatchingAttributes::getTaskResourceAttributes)
        .orElseGet(TaskResourceAttributes::getDefaultInstance);
  }

  @Override
  public Optional<Boolean> hasEnded(ExecutionId execution) {
    return executions.find(execution).map(ExecutionRow::ended);
  }

  @Override
  public Map<String, String> clusterResources(String project, String domain) {
    return attributes.clusterResources(project, domain);
  }

  /** A single task has no settings of a workflow or launch plan. */
  @Override
  public TaskResourceAttributes taskResources(TaskContext task) {
    var isTask = task.launchPlan().getResourceType() == ResourceType.TASK;
    return taskResources.get(
        new Target(
            task.execution().project(),
            task.execution().domain(),
            isTask ? "" : task.workflow().getName(),
            isTask ? "" : task.launchPlan().getName()));
  }

  @Override
  public Optional<WorkflowResource> resource(ExecutionId execution) {
    return settings.enabled() ? resources.get(execution) : Optional.empty();
  }
}
