package io.turboprop.plugin.pod;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.plugin.TaskContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** An attempt of a task whose files are named as in a bucket, and never written. */
final class TestingAttempt implements TaskContext {
  private static final DataReference BUCKET = new DataReference("s3://bucket");

  private final String execution;
  private final String nodeId;
  private final int attempt;
  private final Semaphore news = new Semaphore(0);
  TaskTemplate template = TaskTemplate.getDefaultInstance();
  TaskNodeOverrides overrides = TaskNodeOverrides.getDefaultInstance();
  SecurityContext security = SecurityContext.getDefaultInstance();
  Map<String, String> environment = Map.of();
  Map<String, String> labels = Map.of();
  Map<String, String> annotations = Map.of();
  boolean interruptible;
  String clusterLabel = "";
  String clusterPool = "";

  TestingAttempt(String execution, String nodeId, int attempt) {
    this.execution = execution;
    this.nodeId = nodeId;
    this.attempt = attempt;
  }

  /** Waits until the plugin asks for a call. */
  void awaitNews() throws InterruptedException {
    if (!news.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the plugin does not ask for a call of " + generatedName());
    }
    news.drainPermits();
  }

  /** Waits until the plugin asks for a call, or this time is over. */
  void awaitNews(Duration most) throws InterruptedException {
    var _ = news.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
    news.drainPermits();
  }

  @Override
  public ExecutionId execution() {
    return new ExecutionId("flytesnacks", "development", execution);
  }

  @Override
  public NodePath path() {
    return NodePath.root(nodeId);
  }

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public int attemptsMax() {
    return 1;
  }

  @Override
  public Instant dueBy() {
    return Instant.EPOCH;
  }

  @Override
  public int position() {
    return 0;
  }

  @Override
  public String generatedName() {
    return Naming.generatedName(execution, nodeId, attempt);
  }

  @Override
  public TaskTemplate template() {
    return template;
  }

  @Override
  public TaskNodeOverrides overrides() {
    return overrides;
  }

  @Override
  public Literals inputs() {
    return Literals.of(
        Map.of(
            "x",
            Literal.newBuilder()
                .setScalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(7)))
                .build()));
  }

  @Override
  public DataReference inputsFile() {
    return data().child("inputs.pb");
  }

  private DataReference data() {
    return BUCKET.child("metadata").child(execution).child(nodeId).child("data");
  }

  @Override
  public DataReference outputPrefix() {
    return data().child(Integer.toString(attempt));
  }

  @Override
  public DataReference rawOutputPrefix() {
    return BUCKET.child("raw").child(generatedName());
  }

  @Override
  public DataReference checkpointPrefix() {
    return rawOutputPrefix().child("_flytecheckpoints");
  }

  @Override
  public Optional<DataReference> previousCheckpointPrefix() {
    return Optional.empty();
  }

  @Override
  public DataReference taskTemplateFile() {
    return data().child("task.pb");
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public Map<String, String> labels() {
    return labels;
  }

  @Override
  public Map<String, String> annotations() {
    return annotations;
  }

  @Override
  public SecurityContext securityContext() {
    return security;
  }

  @Override
  public boolean interruptible() {
    return interruptible;
  }

  @Override
  public String executionClusterLabel() {
    return clusterLabel;
  }

  @Override
  public String clusterPool() {
    return clusterPool;
  }

  @Override
  public Identifier workflow() {
    return identifier(ResourceType.WORKFLOW, "module.wf");
  }

  @Override
  public Identifier launchPlan() {
    return identifier(ResourceType.LAUNCH_PLAN, "module.wf");
  }

  /** The first attempt of the node {@code n0}, whose task is a container. */
  static TestingAttempt ofContainer(String execution) {
    var attempt = new TestingAttempt(execution, "n0", 0);
    attempt.template =
        TaskTemplate.newBuilder()
            .setType("python-task")
            .setId(identifier(ResourceType.TASK, "module.task"))
            .setContainer(Container.newBuilder().setImage("image:1").addArgs("run"))
            .build();
    return attempt;
  }

  static Identifier identifier(ResourceType type, String name) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject("flytesnacks")
        .setDomain("development")
        .setName(name)
        .setVersion("v1")
        .build();
  }

  @Override
  public DataStore store() {
    return new MemoryDataStore();
  }

  @Override
  public void lookAgain() {
    news.release();
  }
}
