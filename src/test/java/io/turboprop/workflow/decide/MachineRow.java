package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A line of a table about the machine: given these events, when a command comes, then these events
 * follow.
 *
 * @param expected the events, or the reason of a refusal
 */
public record MachineRow(
    String name, Plans plans, List<WorkflowEvent> given, WorkflowCommand when, Object expected) {

  public static Builder row(String name) {
    return new Builder(name);
  }

  /** Asserts that it holds. */
  public void check() {
    assertThat(
            switch (WorkflowMachine.decide(IndexedState.of(state()), when, Facts.NOW)) {
              case Decision.Reject(var reason, _) -> reason;
              case Decision.Accept(var events, _) -> events;
              case Decision.Ignore _ -> List.of();
            })
        .isEqualTo(expected);
  }

  /** Before the command comes. */
  public WorkflowState state() {
    return evolved(plans, given);
  }

  private static WorkflowState evolved(Plans plans, List<WorkflowEvent> events) {
    WorkflowState state = new NotStarted(plans);
    for (var event : events) {
      state = EventApplier.evolve(state, event);
    }
    return state;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Puts a line together, in the order in which it is read. */
  public static final class Builder {
    private final String name;
    private final List<WorkflowEvent> given = new ArrayList<>();
    private Plans plans = Map.of("digest", TestingPlans.chain("a", "b"))::get;
    private WorkflowCommand when = new WorkflowCommand.Tick();
    private Instant moment = Facts.NOW;

    private Builder(String name) {
      this.name = name;
    }

    Builder plan(Plan plan) {
      plans = Map.of(plan.digest(), plan)::get;
      return this;
    }

    /** The plan of the execution, and those that its dynamic nodes make. */
    Builder plans(Plan plan, Plan... made) {
      plans =
          digest ->
              List.of(made).stream()
                  .filter(other -> other.digest().equals(digest))
                  .findAny()
                  .orElse(plan);
      return this;
    }

    Builder given(WorkflowEvent... events) {
      given.addAll(List.of(events));
      return this;
    }

    /** What follows was longer ago than what the command brings. */
    Builder earlier(Duration duration) {
      moment = Facts.NOW.minus(duration);
      return this;
    }

    /** Given what follows from these commands. */
    Builder after(WorkflowCommand... commands) {
      for (var command : commands) {
        var decision =
            WorkflowMachine.decide(IndexedState.of(evolved(plans, given)), command, moment);
        assertThat(decision).as("%s, after %s", name, command).isInstanceOf(Decision.Accept.class);
        given.addAll(((Decision.Accept) decision).events());
      }
      return this;
    }

    Builder when(WorkflowCommand command) {
      when = command;
      return this;
    }

    MachineRow then(WorkflowEvent... events) {
      return new MachineRow(name, plans, List.copyOf(given), when, List.of(events));
    }

    MachineRow refused(Decision.Reason reason) {
      return new MachineRow(name, plans, List.copyOf(given), when, reason);
    }
  }
}
