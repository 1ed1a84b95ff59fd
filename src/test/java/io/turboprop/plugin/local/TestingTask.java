package io.turboprop.plugin.local;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FolderDataStore;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** An attempt with a folder as its store, which records when the plugin asks for another call. */
public final class TestingTask implements TaskContext {
  private final Path folder;
  private final DataStore store;
  private final String name;
  private final TaskTemplate template;
  private final Literals inputs;
  private final Semaphore news = new Semaphore(0);
  Optional<DataReference> previousCheckpoints = Optional.empty();

  public TestingTask(Path folder, String name, TaskTemplate template, Literals inputs) {
    this.folder = folder;
    this.name = name;
    this.template = template;
    this.inputs = inputs;
    try {
      this.store = FolderDataStore.open(folder, List.of(), false);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A task that runs a shell command. */
  static TestingTask shell(Path folder, String name, String script) {
    return new TestingTask(
        folder,
        name,
        template(Container.newBuilder().addAllArgs(List.of("sh", "-c", script))),
        Literals.EMPTY);
  }

  static TaskTemplate template(Container.Builder container) {
    return TaskTemplate.newBuilder()
        .setType("python-task")
        .setId(identifier(ResourceType.TASK, "module.task"))
        .setContainer(container)
        .build();
  }

  private static Identifier identifier(ResourceType type, String name) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject("flytesnacks")
        .setDomain("development")
        .setName(name)
        .setVersion("v1")
        .build();
  }

  /** The same attempt as another engine sees it. */
  TestingTask again() {
    return new TestingTask(folder, name, template, inputs);
  }

  /** Waits until the plugin asks for a call. */
  void awaitNews() throws InterruptedException {
    if (!news.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new AssertionError("nothing is heard of " + name);
    }
  }

  boolean hasNews() {
    return news.tryAcquire();
  }

  Path outputFile(String file) {
    return Path.of(outputPrefix().child(file).uri());
  }

  @Override
  public ExecutionId execution() {
    return new ExecutionId("flytesnacks", "development", "abc");
  }

  @Override
  public NodePath path() {
    return NodePath.root(nodeId());
  }

  @Override
  public String nodeId() {
    return "n0";
  }

  @Override
  public int attempt() {
    return 0;
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
    return name;
  }

  @Override
  public TaskTemplate template() {
    return template;
  }

  @Override
  public TaskNodeOverrides overrides() {
    return TaskNodeOverrides.getDefaultInstance();
  }

  @Override
  public Literals inputs() {
    return inputs;
  }

  @Override
  public DataReference inputsFile() throws IOException {
    var file = store.base().child("meta/" + name + "/data/inputs.pb");
    store.write(file, inputs.bytes());
    return file;
  }

  @Override
  public DataReference outputPrefix() {
    return store.base().child("meta/" + name + "/data/0");
  }

  @Override
  public DataReference rawOutputPrefix() {
    return store.base().child("raw/" + name);
  }

  @Override
  public DataReference checkpointPrefix() {
    return rawOutputPrefix().child("_flytecheckpoints");
  }

  @Override
  public Optional<DataReference> previousCheckpointPrefix() {
    return previousCheckpoints;
  }

  @Override
  public DataReference taskTemplateFile() throws IOException {
    var file = store.base().child("meta/" + name + "/data/task.pb");
    store.write(file, template.toByteString());
    return file;
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("FROM_EXECUTION", "yes");
  }

  @Override
  public Map<String, String> labels() {
    return Map.of();
  }

  @Override
  public Map<String, String> annotations() {
    return Map.of();
  }

  @Override
  public SecurityContext securityContext() {
    return SecurityContext.getDefaultInstance();
  }

  @Override
  public boolean interruptible() {
    return false;
  }

  @Override
  public String executionClusterLabel() {
    return "gpu";
  }

  @Override
  public String clusterPool() {
    return "pool";
  }

  @Override
  public Identifier workflow() {
    return identifier(ResourceType.WORKFLOW, "module.workflow");
  }

  @Override
  public Identifier launchPlan() {
    return identifier(ResourceType.LAUNCH_PLAN, "module.workflow");
  }

  @Override
  public DataStore store() {
    return store;
  }

  @Override
  public void lookAgain() {
    news.release();
  }
}
