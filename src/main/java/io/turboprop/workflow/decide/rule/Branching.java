package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ConditionException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.workflow.plan.NodeKind;

/** Selects the arm of a branch: the first whose condition holds. */
public final class Branching {
  private Branching() {}

  /** The choice of a branch. */
  public sealed interface Choice {
    /**
     * @param arm the id of the arm
     */
    record Take(String arm) implements Choice {}

    record Fail(ExecutionError error) implements Choice {}
  }

  public static Choice choose(NodeKind.Branch branch, Literals inputs) {
    try {
      for (var option : branch.cases()) {
        if (option.condition().holds(inputs)) {
          return new Choice.Take(option.arm());
        }
      }
    } catch (ConditionException e) {
      return new Choice.Fail(malformed(String.valueOf(e.getMessage())));
    }
    return branch
        .otherwise()
        .<Choice>map(Choice.Take::new)
        .orElseGet(() -> new Choice.Fail(branch.failure()));
  }

  /** The error of a branch that can't be decided. */
  public static ExecutionError malformed(String message) {
    return ExecutionError.user("MalformedBranchUserError", "[MalformedBranchUserError] " + message);
  }
}
