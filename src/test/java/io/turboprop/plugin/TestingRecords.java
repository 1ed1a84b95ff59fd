package io.turboprop.plugin;

import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import io.turboprop.data.ExecutionId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The records of an engine whose executions have not ended, with what a test sets. */
public final class TestingRecords implements EngineRecords {
  public volatile Function<ExecutionId, Optional<Boolean>> ended = _ -> Optional.of(false);
  public volatile Map<String, String> clusterResources = Map.of();
  public TaskResourceAttributes taskResources = TaskResourceAttributes.getDefaultInstance();
  public Optional<WorkflowResource> resource = Optional.empty();

  @Override
  public Optional<Boolean> hasEnded(ExecutionId execution) {
    return ended.apply(execution);
  }

  @Override
  public Map<String, String> clusterResources(String project, String domain) {
    return clusterResources;
  }

  @Override
  public TaskResourceAttributes taskResources(TaskContext task) {
    return taskResources;
  }

  @Override
  public Optional<WorkflowResource> resource(ExecutionId execution) {
    return resource;
  }
}
