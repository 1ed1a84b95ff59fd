package io.turboprop.node;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Fnv1a.Width;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The context of the second run of an attempt: the same task with its own names and folders. */
record SecondRun(TaskContext first) implements TaskContext {
  private static final String SUFFIX = "second";

  @Override
  public ExecutionId execution() {
    return first.execution();
  }

  @Override
  public NodePath path() {
    return first.path();
  }

  @Override
  public String nodeId() {
    return first.nodeId();
  }

  @Override
  public int attempt() {
    return first.attempt();
  }

  @Override
  public int attemptsMax() {
    return first.attemptsMax();
  }

  @Override
  public Instant dueBy() {
    return first.dueBy();
  }

  @Override
  public int position() {
    return first.position();
  }

  @Override
  public String generatedName() {
    return Naming.fixedLength(
        Naming.GENERATED_NAME_LENGTH_MAX, Width.BITS_64, first.generatedName(), SUFFIX);
  }

  @Override
  public TaskTemplate template() {
    return first.template();
  }

  @Override
  public TaskNodeOverrides overrides() {
    return first.overrides();
  }

  @Override
  public Literals inputs() {
    return first.inputs();
  }

  @Override
  public DataReference inputsFile() throws IOException {
    return first.inputsFile();
  }

  @Override
  public DataReference outputPrefix() {
    return first.outputPrefix().child(SUFFIX);
  }

  @Override
  public DataReference rawOutputPrefix() {
    return first.rawOutputPrefix().child(SUFFIX);
  }

  @Override
  public DataReference checkpointPrefix() {
    return first.checkpointPrefix().child(SUFFIX);
  }

  @Override
  public Optional<DataReference> previousCheckpointPrefix() throws IOException {
    return first.previousCheckpointPrefix();
  }

  @Override
  public DataReference taskTemplateFile() throws IOException {
    return first.taskTemplateFile();
  }

  @Override
  public Map<String, String> environment() {
    return first.environment();
  }

  @Override
  public Map<String, String> labels() {
    return first.labels();
  }

  @Override
  public Map<String, String> annotations() {
    return first.annotations();
  }

  @Override
  public SecurityContext securityContext() {
    return first.securityContext();
  }

  @Override
  public boolean interruptible() {
    return first.interruptible();
  }

  @Override
  public String executionClusterLabel() {
    return first.executionClusterLabel();
  }

  @Override
  public String clusterPool() {
    return first.clusterPool();
  }

  @Override
  public Identifier workflow() {
    return first.workflow();
  }

  @Override
  public Identifier launchPlan() {
    return first.launchPlan();
  }

  @Override
  public DataStore store() {
    return first.store();
  }

  @Override
  public void lookAgain() {
    first.lookAgain();
  }
}
