package io.turboprop;

import com.typesafe.config.Config;
import io.turboprop.data.ExecutionId;
import io.turboprop.executor.AttemptSweep;
import io.turboprop.executor.Executor;
import io.turboprop.executor.ExecutorMeters;
import io.turboprop.executor.ExecutorSettings;
import io.turboprop.executor.ExecutorTopic;
import io.turboprop.executor.QueuedPlugin;
import io.turboprop.executor.UptimeClock;
import io.turboprop.node.NodeActor;
import io.turboprop.node.TaskPlugins;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskPluginProvider;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.ExecutorTables;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * Puts executors between the engine and the plugins that are bound to their machine. Only a cluster
 * needs them: a standalone engine calls its plugins directly.
 */
final class TaskAssembly {
  /** As long as the phases of the shutdown wait; later the lease ends by itself. */
  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(5);

  private final Foundation foundation;
  private final ExecutorSettings settings;
  private final ActorSystem<?> system;
  private final Workflows workflows;
  private final ExecutorTopic topic;

  TaskAssembly(
      Foundation foundation,
      ExecutorSettings settings,
      ActorSystem<?> system,
      Workflows workflows) {
    this.foundation = foundation;
    this.settings = settings;
    this.system = system;
    this.workflows = workflows;
    this.topic = ExecutorTopic.join(system);
  }

  /**
   * The plugins as owners of executions call them. Those that are bound to a machine are not
   * created, because executors call them.
   *
   * @param config the section {@code turboprop}
   */
  TaskPlugins forOwners(Config config, TaskPluginEnvironment environment) {
    var attempts = new AttemptTables(foundation.database());
    return TaskPlugins.load(
        config,
        _ -> true,
        (provider, section) ->
            provider.isBoundToMachine()
                ? new QueuedPlugin(provider.id(), attempts, topic, foundation.blocking())
                : provider.create(section, environment));
  }

  /**
   * The plugins that this node's executor calls.
   *
   * @param config the section {@code turboprop}
   */
  static TaskPlugins forExecutor(Config config, TaskPluginEnvironment environment) {
    return TaskPlugins.load(
        config,
        TaskPluginProvider::isBoundToMachine,
        (provider, section) -> provider.create(section, environment));
  }

  /** Where an attempt waits for an executor; empty if it does not wait. Blocks. */
  Optional<QueuePlace> queuePlace(ExecutionId execution, String generatedName) {
    return QueuedPlugin.queuePlace(
        new AttemptTables(foundation.database()), execution, generatedName);
  }

  /** The sweep of attempts, for a node that has owners of executions; to be started and closed. */
  AttemptSweep sweep() {
    return new AttemptSweep(
        new AttemptTables(foundation.database()), workflows, settings, foundation.meters());
  }

  /**
   * Starts this node's executor of tasks of the plugins. When the actor system ends, the executor
   * first gives its attempts back, while the executions of this node move to others.
   */
  void execute(TaskPlugins plugins, NodeActor.Settings calls, Executor.Identity identity) {
    var tables = ExecutorTables.withOwnConnections(foundation.database());
    var _ = system.getWhenTerminated().whenComplete((_, _) -> tables.close());
    var executor =
        system.systemActorOf(
            Executor.create(
                settings,
                new Executor.Calls(
                    calls.callTimeout(),
                    calls.failuresMax(),
                    calls.pauses(),
                    calls.lookAtLeastEvery()),
                identity,
                new Executor.Environment(
                    tables,
                    plugins.all(),
                    foundation.storage().store(),
                    workflows,
                    foundation.blocking(),
                    foundation.clock(),
                    new UptimeClock(),
                    new ExecutorMeters(foundation.meters())),
                topic),
            "executor",
            Props.empty());
    drainAtTheEnd(executor);
  }

  private void drainAtTheEnd(ActorRef<Executor.Message> executor) {
    var drained = new CompletableFuture<Done>();
    var shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "drain-executor",
        () -> {
          AskPattern.<Executor.Message, Done>ask(
                  executor, Executor.Drain::new, DRAINED_WITHIN, system.scheduler())
              .whenComplete((_, _) -> drained.complete(Done.done()));
          return CompletableFuture.completedFuture(Done.done());
        });
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
        "await-drained-executor",
        () -> drained);
  }
}
