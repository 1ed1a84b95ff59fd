package io.turboprop.executor;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.executor.v1.AttemptRequest;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An attempt as its executor shows it to the plugin.
 *
 * @param onLookAgain asks the executor for the next call of the plugin
 */
record LeasedTask(AttemptRequest request, DataStore store, Runnable onLookAgain)
    implements TaskContext {

  @Override
  public ExecutionId execution() {
    return new ExecutionId(request.getProject(), request.getDomain(), request.getName());
  }

  @Override
  public NodePath path() {
    return new NodePath(request.getPath());
  }

  @Override
  public String nodeId() {
    return request.getNodeId();
  }

  @Override
  public int attempt() {
    return request.getAttempt();
  }

  @Override
  public int attemptsMax() {
    return request.getAttemptsMax();
  }

  @Override
  public Instant dueBy() {
    return Instant.ofEpochSecond(request.getDueBy().getSeconds(), request.getDueBy().getNanos());
  }

  @Override
  public int position() {
    return request.getPosition();
  }

  @Override
  public String generatedName() {
    return request.getGeneratedName();
  }

  @Override
  public TaskTemplate template() {
    return request.getTemplate();
  }

  @Override
  public TaskNodeOverrides overrides() {
    return request.getOverrides();
  }

  @Override
  public Literals inputs() {
    return Literals.parse(request.getInputs());
  }

  /** The owner has written the file before it queued the attempt. */
  @Override
  public DataReference inputsFile() {
    return new DataReference(request.getInputsFile());
  }

  @Override
  public DataReference outputPrefix() {
    return new DataReference(request.getOutputPrefix());
  }

  @Override
  public DataReference rawOutputPrefix() {
    return new DataReference(request.getRawOutputPrefix());
  }

  @Override
  public DataReference checkpointPrefix() {
    return new DataReference(request.getCheckpointPrefix());
  }

  @Override
  public Optional<DataReference> previousCheckpointPrefix() {
    return request.getPreviousCheckpointPrefix().isEmpty()
        ? Optional.empty()
        : Optional.of(new DataReference(request.getPreviousCheckpointPrefix()));
  }

  /**
   * The file is beside the outputs: hardly any task asks for it, so the owner does not write it.
   */
  @Override
  public DataReference taskTemplateFile() throws IOException {
    var file = outputPrefix().child("task.pb");
    if (store.size(file).isEmpty()) {
      store.write(file, template().toByteString());
    }
    return file;
  }

  @Override
  public Map<String, String> environment() {
    return request.getEnvironmentMap();
  }

  @Override
  public Map<String, String> labels() {
    return request.getLabelsMap();
  }

  @Override
  public Map<String, String> annotations() {
    return request.getAnnotationsMap();
  }

  @Override
  public SecurityContext securityContext() {
    return request.getSecurityContext();
  }

  @Override
  public boolean interruptible() {
    return request.getInterruptible();
  }

  @Override
  public String executionClusterLabel() {
    return request.getExecutionClusterLabel();
  }

  @Override
  public String clusterPool() {
    return request.getClusterPool();
  }

  @Override
  public Identifier workflow() {
    return request.getWorkflow();
  }

  @Override
  public Identifier launchPlan() {
    return request.getLaunchPlan();
  }

  @Override
  public void lookAgain() {
    onLookAgain.run();
  }
}
