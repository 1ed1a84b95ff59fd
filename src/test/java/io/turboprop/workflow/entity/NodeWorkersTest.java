package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Workers that do nothing but tell what they are told, and go when the test says so. */
final class NodeWorkersTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final NodePath NODE = NodePath.root("a");
  private static final Plan PLAN = TestingPlans.chain("a");
  private static final Assignment FIRST = assignment(new Work.RunNode(NODE, 0));
  private static final Assignment STOP = assignment(new Work.AbortNode(NODE, 0, "why"));
  private static final Assignment SECOND = assignment(new Work.RunNode(NODE, 1));
  private static final Worker.Message ABORT = new Worker.Abort(new Work.AbortNode(NODE, 0, "why"));

  /** What a worker was begun with, then what it was told. */
  private record Told(ActorRef<Worker.Message> worker, Object what) {}

  private final TestProbe<Told> told = KIT.createTestProbe();
  private final TestProbe<Boolean> empty = KIT.createTestProbe();
  private final Map<ActorRef<Worker.Message>, ActorRef<String>> exits = new ConcurrentHashMap<>();
  private volatile boolean attemptContinues;
  private final ActorRef<Consumer<NodeWorkers>> entity = KIT.spawn(Behaviors.setup(this::entity));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void oneWhoseAttemptIsOverCleansUp() {
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Release());
    assertThat(isEmpty()).isFalse();
    leave(worker);
    told.awaitAssert(() -> assertThat(isEmpty()).isTrue());
  }

  @Test
  void oneWhoseAttemptGoesOnLeaves() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
  }

  @Test
  void noTwoAreAtTheSameAttempt() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    become(FIRST);
    told.expectNoMessage();
    leave(worker);
    begun(FIRST);
  }

  @Test
  void theNextAttemptNeedNotWaitForTheCleanUp() {
    become(FIRST);
    var worker = begun(FIRST);
    become(SECOND);
    assertThat(told.receiveSeveralMessages(2))
        .as("two actors tell, in whatever order")
        .contains(new Told(worker, new Worker.Release()))
        .extracting(Told::what)
        .contains(SECOND);
  }

  @Test
  void whenTheGraphInsideHasEndedAnotherOneSeesToIt() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    var finishing = finishing();
    become(finishing);
    tells(worker, new Worker.Leave());
    told.expectNoMessage();
    leave(worker);
    begun(finishing);
  }

  @Test
  void oneThatLeavesIsToldToStopTheAttemptSinceItMayStay() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    become(STOP);
    tells(worker, ABORT);
    attemptContinues = false;
    becomeNothing();
    tells(worker, new Worker.Release());
  }

  @Test
  void oneThatWasGoneWhenItWasToldToStopTheAttemptIsReplaced() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    become(STOP);
    tells(worker, ABORT);
    leave(worker);
    begun(STOP);
  }

  @Test
  void oneThatReportedTheEndInsteadOfLeavingCleansUp() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    become(FIRST);
    attemptContinues = false;
    becomeNothing();
    tells(worker, new Worker.Release());
    leave(worker);
    told.expectNoMessage();
  }

  /** Its report may have been lost with the commands that waited. */
  @Test
  void oneThatWasToldToStopIsToldAgainWhenAllAreTakenBack() {
    become(FIRST);
    var worker = begun(FIRST);
    become(STOP);
    tells(worker, ABORT);
    entity.tell(workers -> workers.abortAll("why"));
    tells(worker, ABORT);
  }

  @Test
  void oneThatReportedTheEndInsteadOfLeavingIsTakenBackToo() {
    attemptContinues = true;
    become(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    entity.tell(workers -> workers.abortAll("why"));
    tells(worker, ABORT);
    attemptContinues = false;
    entity.tell(workers -> workers.become(NODE, Optional.empty()));
    tells(worker, new Worker.Release());
  }

  @Test
  void allCanBeTakenBackAtOnce() {
    become(FIRST);
    var worker = begun(FIRST);
    entity.tell(workers -> workers.abortAll("why"));
    tells(worker, ABORT);
    becomeNothing();
    tells(worker, new Worker.Release());
  }

  private void become(Assignment wanted) {
    entity.tell(workers -> workers.become(NODE, Optional.of(wanted)));
  }

  private void becomeNothing() {
    entity.tell(workers -> workers.become(NODE, Optional.empty()));
  }

  private ActorRef<Worker.Message> begun(Assignment assignment) {
    var message = told.receiveMessage();
    assertThat(message.what()).isEqualTo(assignment);
    return message.worker();
  }

  private void tells(ActorRef<Worker.Message> worker, Worker.Message message) {
    told.expectMessage(new Told(worker, message));
  }

  private void leave(ActorRef<Worker.Message> worker) {
    exits.get(worker).tell("go");
  }

  private boolean isEmpty() {
    entity.tell(workers -> empty.getRef().tell(workers.isEmpty()));
    return empty.receiveMessage();
  }

  @SuppressWarnings("unchecked")
  private Behavior<Consumer<NodeWorkers>> entity(ActorContext<Consumer<NodeWorkers>> context) {
    var reports = KIT.<NodeReport>createTestProbe().getRef();
    var workers =
        new NodeWorkers(
            context, (assignment, _) -> worker(assignment), reports, _ -> attemptContinues);
    var type = (Class<Consumer<NodeWorkers>>) (Class<?>) Consumer.class;
    return Behaviors.receive(type)
        .onMessage(
            type,
            action -> {
              action.accept(workers);
              return Behaviors.same();
            })
        .onSignal(
            Terminated.class,
            signal -> {
              workers.gone(signal.getRef());
              return Behaviors.same();
            })
        .build();
  }

  private Behavior<Worker.Message> worker(Assignment assignment) {
    return Behaviors.setup(context -> {
      // A private message of this worker: the test has it go.
      var go = new Worker.LookAgain();
      exits.put(context.getSelf(), context.messageAdapter(String.class, _ -> go));
      told.getRef().tell(new Told(context.getSelf(), assignment));
      return Behaviors.receiveMessage(message -> {
        if (message == go) {
          return Behaviors.stopped();
        }
        told.getRef().tell(new Told(context.getSelf(), message));
        return Behaviors.same();
      });
    });
  }

  private static Assignment finishing() {
    return assignment(
        FIRST.work(),
        Optional.of(GraphState.opened(PLAN.root(), new Subgraph.SubWorkflow(), Values.NONE)));
  }

  private static Assignment assignment(Work.NodeWork work) {
    return assignment(work, Optional.empty());
  }

  private static Assignment assignment(Work.NodeWork work, Optional<GraphState> finished) {
    return new Assignment(
        new AcceptedExecution(
            new ExecutionId("p", "d", "e"),
            1,
            PLAN.digest(),
            Values.NONE,
            ExecutionSettings.DEFAULT,
            ByteString.EMPTY,
            Instant.EPOCH,
            Optional.empty(),
            0,
            List.of()),
        PLAN,
        NODE,
        "a",
        TestingPlans.task("a", NodePolicy.DEFAULT),
        work,
        Optional.empty(),
        Optional.empty(),
        finished,
        Map.of(),
        Progress.NONE,
        false,
        1,
        Instant.EPOCH);
  }
}
