package io.turboprop.executor;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.executor.v1.AttemptRequest;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.store.ExecutorTables.Leased;
import io.turboprop.store.ExecutorTables.LeasedKey;
import io.turboprop.store.ExecutorTables.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * The attempts that an executor runs now, each with the actor that runs it, and the slots that they
 * take. Not thread-safe: a part of the executor's actor.
 */
final class AttemptRunners {
  private record Runner(ActorRef<AttemptRunner.Message> actor, String plugin, boolean eager) {}

  private final Executor.Calls calls;
  private final Executor.Environment environment;
  private final Map<LeasedKey, Runner> runners = new HashMap<>();

  AttemptRunners(Executor.Calls calls, Executor.Environment environment) {
    this.calls = calls;
    this.environment = environment;
  }

  boolean isEmpty() {
    return runners.isEmpty();
  }

  int size() {
    return runners.size();
  }

  Set<LeasedKey> keys() {
    return Set.copyOf(runners.keySet());
  }

  /** The slots of a plugin that no attempt takes; eager attempts take none. */
  int freeSlots(TaskPlugin plugin) {
    var taken =
        runners.values().stream()
            .filter(attempt -> !attempt.eager() && attempt.plugin().equals(plugin.id()))
            .count();
    return (int) Math.max(0, plugin.slots() - taken);
  }

  /**
   * Starts an attempt under the lease of a session.
   *
   * @return its runner, which stops after the attempt has ended and is cleaned up
   * @throws IllegalArgumentException when this version can't read the attempt, or this node does
   *     not have its plugin
   */
  ActorRef<AttemptRunner.Message> start(
      ActorContext<?> context, SessionControl.Active session, Leased attempt) {
    var request = Requests.decode(attempt.request());
    var plugin = plugin(attempt.plugin());
    var job =
        new AttemptRunner.Job(
            plugin,
            attempt.transition(),
            session.lease(),
            row(session.session(), attempt.key(), request));
    var runner =
        context.spawnAnonymous(
            AttemptRunner.create(
                calls,
                environment.clock(),
                job,
                lookAgain -> new LeasedTask(request, environment.store(), lookAgain)));
    runners.put(attempt.key(), new Runner(runner, plugin.id(), attempt.eager()));
    environment.meters().running(runners.size());
    return runner;
  }

  private TaskPlugin plugin(String id) {
    return environment.plugins().stream()
        .filter(plugin -> plugin.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the executor has no plugin '" + id + "'"));
  }

  private AttemptRunner.Row row(Session session, LeasedKey key, AttemptRequest request) {
    var execution = new ExecutionId(request.getProject(), request.getDomain(), request.getName());
    var path = new NodePath(request.getPath());
    return new AttemptRunner.Row() {
      @Override
      public CompletionStage<Boolean> record(ByteString transition) {
        return new BlockingCalls(environment.blocking())
            .call(() -> environment.tables().record(session, key, transition));
      }

      @Override
      public CompletionStage<Boolean> end(Optional<ByteString> transition) {
        return new BlockingCalls(environment.blocking())
            .call(() ->
                transition.isPresent()
                    ? environment.tables().end(session, key, transition.orElseThrow())
                    : environment.tables().endAborted(session, key));
      }

      @Override
      public void notifyOwner() {
        environment.workflows().lookAgain(execution, path);
      }
    };
  }

  /** Asks the runner of an attempt to stop it. */
  void abort(LeasedKey key) {
    Optional.ofNullable(runners.get(key))
        .ifPresent(runner -> runner.actor().tell(new AttemptRunner.Abort()));
  }

  /** Stops all runners because the lease has ended: they record nothing any more. */
  void leaseLost() {
    runners.values().forEach(runner -> runner.actor().tell(new AttemptRunner.LeaseLost()));
  }

  /** Forgets an attempt whose runner has stopped. */
  void remove(LeasedKey key) {
    runners.remove(key);
    environment.meters().running(runners.size());
  }
}
