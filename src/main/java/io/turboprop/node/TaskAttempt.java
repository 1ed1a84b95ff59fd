package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.TaskExecutionMetadata;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Layout.NodeFiles;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodeKind;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The context that a plugin gets for an attempt of a task, from the attempt's assignment and the
 * options of its execution.
 */
final class TaskAttempt implements TaskContext {
  /** Names the environment variable that holds an array element's index; flytekit reads it. */
  private static final String INDEX_NAME_VARIABLE = "BATCH_JOB_ARRAY_INDEX_VAR_NAME";

  private static final Pattern NUMBERED = Pattern.compile("[a-z]*n([0-9]{1,9})");
  private static final String INDEX_VARIABLE = "FLYTE_K8S_ARRAY_INDEX";

  private final Assignment assignment;
  private final TaskTemplate template;
  private final ExecutionSpec spec;
  private final DataStore store;
  private final Layout layout;
  private final TaskFiles files;
  private final String generatedName;
  private final Optional<DataReference> earlierCheckpoints;
  private final Map<String, String> engineVariables;
  private final Runnable lookAgain;
  private Optional<Literals> inputs = Optional.empty();

  /**
   * @param earlierCheckpoints the checkpoints of an earlier execution, for a task that has none in
   *     this execution
   * @param engineVariables the variables that the engine adds to the task's environment
   */
  TaskAttempt(
      Assignment assignment,
      TaskTemplate template,
      ExecutionSpec spec,
      DataStore store,
      Layout layout,
      Optional<DataReference> earlierCheckpoints,
      Map<String, String> engineVariables,
      Runnable lookAgain) {
    this.assignment = assignment;
    this.template = template;
    this.spec = spec;
    this.store = store;
    this.layout = layoutOf(layout, spec);
    this.files = TaskFiles.of(this.layout, assignment);
    this.generatedName = generatedName(assignment.work().attempt());
    this.earlierCheckpoints = earlierCheckpoints;
    this.engineVariables = engineVariables;
    this.lookAgain = lookAgain;
  }

  private static Layout layoutOf(Layout layout, ExecutionSpec spec) {
    var prefix = spec.getRawOutputDataConfig().getOutputLocationPrefix();
    return prefix.isEmpty() ? layout : layout.withRawOutputs(new DataReference(prefix));
  }

  private String generatedName(int attempt) {
    var execution = assignment.execution().id().name();
    return isElement()
        ? Naming.generatedElementName(execution, assignment.uniqueNodeId(), attempt)
        : Naming.generatedName(execution, assignment.uniqueNodeId(), attempt);
  }

  /** Whether the task is an element of an array. */
  boolean isElement() {
    return assignment.element().isPresent();
  }

  Assignment assignment() {
    return assignment;
  }

  NodeFiles files() {
    return files.own();
  }

  /** Whether the execution overwrites cached outputs. */
  boolean overwriteCache() {
    return spec.getOverwriteCache();
  }

  /**
   * The details of the attempt for clients, as the journal records them: a serialized {@code
   * flyteidl.event.TaskExecutionEvent} with logs, reason, custom info and metadata only. Fields
   * that are the same for all elements of an array are left out.
   */
  ByteString details(String pluginId, TaskInfo info) {
    var event = TaskExecutionEvent.newBuilder().addAllLogs(info.logs());
    if (!isElement()) {
      event
          .setTaskType(template.getType())
          .setMetadata(
              TaskExecutionMetadata.newBuilder()
                  .setGeneratedName(generatedName)
                  .setPluginIdentifier(pluginId)
                  .setInstanceClass(
                      interruptible()
                          ? TaskExecutionMetadata.InstanceClass.INTERRUPTIBLE
                          : TaskExecutionMetadata.InstanceClass.DEFAULT));
    }
    info.reason().ifPresent(event::setReason);
    info.customInfo().ifPresent(event::setCustomInfo);
    return event.build().toByteString();
  }

  boolean hasInputs() {
    return inputs.isPresent();
  }

  void resolved(Literals literals) {
    inputs = Optional.of(literals);
  }

  @Override
  public ExecutionId execution() {
    return assignment.execution().id();
  }

  @Override
  public NodePath path() {
    return assignment.path();
  }

  @Override
  public String nodeId() {
    return assignment.uniqueNodeId();
  }

  @Override
  public int attempt() {
    return assignment.work().attempt();
  }

  @Override
  public int attemptsMax() {
    return assignment.attemptsMax();
  }

  @Override
  public Instant dueBy() {
    return assignment.queuedAt().plus(QueueingBudget.of(spec.getQualityOfService()));
  }

  /**
   * The number in the node's id: compilers number the nodes of a graph in its order (n0, n1, …),
   * and arrays their elements.
   */
  @Override
  public int position() {
    var number = NUMBERED.matcher(assignment.path().nodeId());
    return number.matches() ? Integer.parseInt(number.group(1)) : 0;
  }

  @Override
  public String generatedName() {
    return generatedName;
  }

  @Override
  public TaskTemplate template() {
    return template;
  }

  @Override
  public TaskNodeOverrides overrides() {
    return assignment.node().kind() instanceof NodeKind.Task(_, var overrides)
        ? StoredMessages.parse(TaskNodeOverrides.parser(), overrides.resources())
        : TaskNodeOverrides.getDefaultInstance();
  }

  /**
   * The inputs; empty before they are resolved, since an abort after a restart does not need them.
   */
  @Override
  public Literals inputs() {
    return inputs.orElse(Literals.EMPTY);
  }

  @Override
  public DataReference inputsFile() throws IOException {
    if (store.size(files.inputs()).isEmpty()) {
      store.write(files.inputs(), fileInputs().bytes());
    }
    return files.inputs();
  }

  /**
   * The inputs to write for the task. An element that selects its item by itself reads the inputs
   * of the array instead; large inputs of the array are in that file already.
   */
  private Literals fileInputs() {
    return assignment
        .element()
        .filter(element -> !files.inputs().equals(files.own().inputs()))
        .map(element -> element.inputs() instanceof Values.Inline(var all) ? all : inputs())
        .orElseGet(this::inputs);
  }

  @Override
  public DataReference outputPrefix() {
    return files.outputPrefix();
  }

  @Override
  public DataReference rawOutputPrefix() {
    return layout.rawOutput(generatedName);
  }

  @Override
  public DataReference checkpointPrefix() {
    return layout.checkpoints(generatedName);
  }

  @Override
  public Optional<DataReference> previousCheckpointPrefix() throws IOException {
    for (int earlier = attempt() - 1; earlier >= 0; earlier--) {
      var checkpoints = layout.checkpoints(generatedName(earlier));
      if (!store.list(checkpoints).isEmpty()) {
        return Optional.of(checkpoints);
      }
    }
    return earlierCheckpoints;
  }

  @Override
  public DataReference taskTemplateFile() throws IOException {
    if (store.size(files().taskTemplate()).isEmpty()) {
      store.write(files().taskTemplate(), template.toByteString());
    }
    return files().taskTemplate();
  }

  @Override
  public Map<String, String> environment() {
    var environment = new HashMap<>(engineVariables);
    spec.getEnvs().getValuesList().forEach(pair -> environment.put(pair.getKey(), pair.getValue()));
    assignment
        .element()
        .ifPresent(element -> {
          environment.put(INDEX_NAME_VARIABLE, INDEX_VARIABLE);
          environment.put(INDEX_VARIABLE, String.valueOf(element.index()));
        });
    return Map.copyOf(environment);
  }

  @Override
  public Map<String, String> labels() {
    return spec.getLabels().getValuesMap();
  }

  @Override
  public Map<String, String> annotations() {
    return spec.getAnnotations().getValuesMap();
  }

  @Override
  public SecurityContext securityContext() {
    return spec.getSecurityContext();
  }

  @Override
  public boolean interruptible() {
    return assignment.interruptible();
  }

  @Override
  public String executionClusterLabel() {
    return spec.getExecutionClusterLabel().getValue();
  }

  @Override
  public String clusterPool() {
    return spec.getClusterAssignment().getClusterPoolName();
  }

  @Override
  public Identifier workflow() {
    var id = assignment.plan().workflow();
    return Identifier.newBuilder()
        .setResourceTypeValue(id.kind().number())
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .setVersion(id.version())
        .build();
  }

  @Override
  public Identifier launchPlan() {
    return spec.getLaunchPlan();
  }

  @Override
  public DataStore store() {
    return store;
  }

  @Override
  public void lookAgain() {
    lookAgain.run();
  }
}
