package io.turboprop.node;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.compiler.CompiledPlans.CompiledPlan;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Values;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.ExecutionDirectory;
import io.turboprop.workflow.entity.NodeMemoryLimit;
import io.turboprop.workflow.entity.TestingPublisher;
import io.turboprop.workflow.entity.Unseen;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/**
 * Runs single executions from start to end with the engine's real entity and handlers, a single
 * plugin for all tasks, and all storage in memory.
 */
public final class TestingEngine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final long SIZE_BYTES_MAX = 1_000_000;

  private final ActorTestKit kit =
      ActorTestKit.create(
          PersistenceTestKitPlugin.getInstance()
              .config()
              .withFallback(
                  ConfigFactory.parseString("pekko.persistence.testkit.events.serialize = off"))
              .withFallback(ConfigFactory.load()));
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryDataStore store = new MemoryDataStore();
  private final Clock clock = Clock.systemUTC();

  /**
   * Runs an execution; returns when it has ended and its entity has passivated.
   *
   * @return all events, in order
   */
  public List<WorkflowEvent> run(
      ExecutionId id,
      CompiledPlan compiled,
      Literals inputs,
      ExecutionSpec options,
      TaskPlugin plugin) {
    var publisher = new TestingPublisher();
    TestProbe<String> shard = kit.createTestProbe();
    var execution =
        new AcceptedExecution(
            id,
            1,
            compiled.plan().digest(),
            new Values.Inline(inputs),
            ExecutionSettings.DEFAULT,
            options.toByteString(),
            clock.instant(),
            0,
            List.of());
    var environment =
        new WorkflowEntity.Environment(
            directory(execution, compiled.plan()),
            publisher,
            handlers(compiled, plugin),
            new NodeMemoryLimit(1_000_000),
            _ -> new NoSnapshots(),
            clock,
            PATIENCE,
            PATIENCE);
    kit.spawn(
        WorkflowEntity.create(
            environment,
            id,
            () -> shard.getRef().tell("ended"),
            () -> shard.getRef().tell("activate later")));
    shard.expectMessage(PATIENCE, "ended");
    return publisher.events();
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
    blocking.close();
  }

  private static ExecutionDirectory directory(AcceptedExecution execution, Plan plan) {
    return new ExecutionDirectory() {
      @Override
      public CompletionStage<Optional<Found>> find(ExecutionId id) {
        return CompletableFuture.completedFuture(Optional.of(new Found(execution, Unseen.NONE, 0)));
      }

      @Override
      public CompletionStage<Unseen> unseen(AcceptedExecution accepted) {
        return CompletableFuture.completedFuture(Unseen.NONE);
      }

      @Override
      public CompletionStage<Plan> plan(String digest) {
        return CompletableFuture.completedFuture(plan);
      }
    };
  }

  private NodeHandlers handlers(CompiledPlan compiled, TaskPlugin plugin) {
    return new NodeHandlers(
        new NodeHandlers.Environment(
            new NodeSettings(
                NodeActor.Settings.DEFAULT,
                1,
                new Speculation(1, 1, PATIENCE, Integer.MAX_VALUE),
                INTERVAL,
                Duration.ZERO,
                new DynamicSettings(100, SIZE_BYTES_MAX, 1)),
            new BlobStorage(store, SIZE_BYTES_MAX),
            new NodeHandlers.Tasks(
                TaskPlugins.of(plugin),
                (_, task) -> compiled.tasks().get(task),
                (_, _) -> AttemptCache.NONE,
                LiteralOffloading.DEFAULT),
            new NodeHandlers.Executions(
                TestingPastNodes.NONE,
                new TestingChildren(),
                new NoGraphs(),
                _ -> Set.of(),
                (_, _, _, _) -> CompletableFuture.completedFuture(Optional.<ByteString>empty())),
            blocking,
            clock,
            new Meters(new SimpleMeterRegistry())));
  }

  /** The journal is in memory; such short journals never have a snapshot. */
  private static final class NoSnapshots implements SnapshotAdapter<WorkflowState> {
    @Override
    public Object toJournal(WorkflowState state) {
      throw new AssertionError("no snapshot is expected");
    }

    @Override
    public WorkflowState fromJournal(Object from) {
      throw new AssertionError("no snapshot is expected");
    }
  }
}
