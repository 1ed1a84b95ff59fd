package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Environment;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Reported;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/** The state that an entity keeps through all its phases; each phase passes it to the next. */
final class EntityContext {
  /** The most commands of clients that may wait; further ones are refused. */
  private static final int CLIENT_COMMANDS_MAX = 1_000;

  final ActorContext<Message> context;
  final TimerScheduler<Message> timers;
  final Environment environment;
  final ExecutionId id;
  final NodeMemoryLimit.Reservation reservation;
  final Runnable passivate;
  final Runnable activateLater;

  final AlarmClock alarmClock;
  final EntityLoop<ActorRef<Worker.Message>> loop;
  final RetryBudget ownFailures = new RetryBudget();
  final RetryBudget publisherFailures = new RetryBudget();

  /**
   * Reports whose graph is not yet known; they are handled when the execution is active. There are
   * as many as the running attempts make: a worker reports each change of its attempt once.
   */
  final List<NodeReport> heldReports = new ArrayList<>();

  EntityContext(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Environment environment,
      ExecutionId id,
      NodeMemoryLimit.Reservation reservation,
      Runnable passivate,
      Runnable activateLater) {
    this.context = context;
    this.timers = timers;
    this.environment = environment;
    this.id = id;
    this.reservation = reservation;
    this.passivate = passivate;
    this.activateLater = activateLater;
    this.alarmClock = new AlarmClock(timers, context.getSelf(), environment.clock());
    this.loop = new EntityLoop<>(new Inbox(CLIENT_COMMANDS_MAX), spawner(), alarmClock::set);
  }

  private NodeWorkers.WorkerSpawner<ActorRef<Worker.Message>> spawner() {
    var reports = context.messageAdapter(NodeReport.class, Reported::new);
    return new NodeWorkers.WorkerSpawner<>() {
      @Override
      public ActorRef<Worker.Message> start(Assignment assignment) {
        var worker = context.spawnAnonymous(environment.workers().worker(assignment, reports));
        context.watch(worker);
        return worker;
      }

      @Override
      public void tell(ActorRef<Worker.Message> worker, Worker.Message message) {
        worker.tell(message);
      }
    };
  }
}
