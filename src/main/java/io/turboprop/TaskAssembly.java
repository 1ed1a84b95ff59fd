package io.turboprop;

import io.turboprop.executor.AttemptSweep;
import io.turboprop.executor.DispatchedPlugin;
import io.turboprop.executor.Executor;
import io.turboprop.executor.ExecutorMeters;
import io.turboprop.executor.ExecutorSettings;
import io.turboprop.executor.ExecutorTopic;
import io.turboprop.node.NodeActor;
import io.turboprop.node.TaskPlugins;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.ExecutorTables;
import io.turboprop.workflow.entity.Workflows;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;

/**
 * Puts executors between the engine and the plugins that are bound to their machine. Only a cluster
 * needs them: an engine alone calls its plugins directly.
 */
final class TaskAssembly {
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

  /** The plugins as owners of executions call them. */
  TaskPlugins dispatched(TaskPlugins plugins) {
    var attempts = new AttemptTables(foundation.database());
    return plugins.map(plugin ->
        plugin.isBoundToMachine()
            ? new DispatchedPlugin(plugin.id(), attempts, topic, foundation.blocking())
            : plugin);
  }

  /** The sweep of attempts, for a node that has owners of executions; to be started and closed. */
  AttemptSweep sweep() {
    return new AttemptSweep(
        new AttemptTables(foundation.database()), workflows, settings, foundation.meters());
  }

  /** Starts this node's executor, which ends with the actor system. */
  void execute(TaskPlugins plugins, NodeActor.Settings calls, Executor.Identity identity) {
    var tables = ExecutorTables.withOwnConnections(foundation.database());
    var _ = system.getWhenTerminated().whenComplete((_, _) -> tables.close());
    system.systemActorOf(
        Executor.create(
            settings,
            new Executor.Calls(
                calls.callTimeout(),
                calls.failuresMax(),
                calls.pauseMin(),
                calls.lookAtLeastEvery()),
            identity,
            new Executor.Environment(
                tables,
                plugins.boundToMachine(),
                foundation.storage().store(),
                workflows,
                foundation.blocking(),
                foundation.clock(),
                System::nanoTime,
                new ExecutorMeters(foundation.meters())),
            topic),
        "executor",
        Props.empty());
  }
}
