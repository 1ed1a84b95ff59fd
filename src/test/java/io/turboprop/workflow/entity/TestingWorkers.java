package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Workers that report at once what a test wants, or nothing. */
public final class TestingWorkers implements Worker.Factory {
  private final Function<Assignment, Optional<NodeReport>> script;
  private final List<Work> begun = new CopyOnWriteArrayList<>();
  private final List<Worker.Message> told = new CopyOnWriteArrayList<>();

  public TestingWorkers(Function<Assignment, Optional<NodeReport>> script) {
    this.script = script;
  }

  /** All attempts succeed at once. */
  public static TestingWorkers succeeding() {
    return new TestingWorkers(a -> Optional.of(success(a)));
  }

  public static NodeReport success(Assignment assignment) {
    return new NodeReport.Succeeded(
        assignment.path(), assignment.work().attempt(), TestingPlans.output(), AttemptSummary.NONE);
  }

  /** What has been begun so far, in order. */
  public List<Work> begun() {
    return begun;
  }

  /** What all of them have been told so far. */
  public List<Worker.Message> told() {
    return told;
  }

  @Override
  public Behavior<Worker.Message> worker(Assignment assignment, ActorRef<NodeReport> reports) {
    return Behaviors.setup(_ -> {
      begun.add(assignment.work());
      switch (assignment.work()) {
        case Work.RunNode _ -> script.apply(assignment).ifPresent(reports::tell);
        case Work.AbortNode work ->
            reports.tell(new NodeReport.Aborted(work.node(), work.attempt()));
      }
      return Behaviors.receiveMessage(message -> {
        told.add(message);
        return answer(message, reports);
      });
    });
  }

  private static Behavior<Worker.Message> answer(
      Worker.Message message, ActorRef<NodeReport> reports) {
    return switch (message) {
      case Worker.Abort(var work) -> {
        reports.tell(new NodeReport.Aborted(work.node(), work.attempt()));
        yield Behaviors.same();
      }
      case Worker.LookAgain _ -> Behaviors.same();
      case Worker.Leave _, Worker.Release _ -> Behaviors.stopped();
    };
  }
}
