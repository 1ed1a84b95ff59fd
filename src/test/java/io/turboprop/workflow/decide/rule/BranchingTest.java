package io.turboprop.workflow.decide.rule;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Primitive;
import io.turboprop.data.Condition;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.workflow.decide.rule.Branching.Choice;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind.Branch;
import io.turboprop.workflow.plan.NodeKind.Branch.Case;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BranchingTest {
  private static final ExecutionError FAILURE = ExecutionError.user("Code", "nothing for you");
  private static final Condition TRUE = equal(1, 1);
  private static final Condition FALSE = equal(1, 2);
  private static final Condition BROKEN = new Condition(BooleanExpression.getDefaultInstance());

  @Test
  void theFirstThatHoldsIsTaken() {
    assertThat(choose(Optional.of("e"), FALSE, TRUE, TRUE)).isEqualTo(new Choice.Take("arm1"));
  }

  @Test
  void whatComesAfterItIsNotAsked() {
    assertThat(choose(Optional.empty(), TRUE, BROKEN)).isEqualTo(new Choice.Take("arm0"));
  }

  @Test
  void theLastArmIsTakenWhenNoneHolds() {
    assertThat(choose(Optional.of("e"), FALSE, FALSE)).isEqualTo(new Choice.Take("e"));
  }

  @Test
  void withoutALastArmTheBranchFailsAsItsAuthorSaid() {
    assertThat(choose(Optional.empty(), FALSE)).isEqualTo(new Choice.Fail(FAILURE));
  }

  @Test
  void aConditionThatCanNotBeToldFailsTheBranchWhateverComesAfterIt() {
    assertThat(choose(Optional.of("e"), BROKEN, TRUE))
        .isEqualTo(
            new Choice.Fail(
                ExecutionError.user(
                    "MalformedBranchUserError",
                    "[MalformedBranchUserError] the condition is empty")));
  }

  private static Choice choose(Optional<String> otherwise, Condition... conditions) {
    var cases =
        IntStream.range(0, conditions.length)
            .mapToObj(i -> new Case(conditions[i], "arm" + i))
            .toList();
    var arms = Graph.of(List.of(), Map.of(), FailurePolicy.FAIL_IMMEDIATELY);
    return Branching.choose(new Branch(cases, otherwise, FAILURE, arms), Literals.EMPTY);
  }

  private static Condition equal(int left, int right) {
    return new Condition(
        BooleanExpression.newBuilder()
            .setComparison(
                ComparisonExpression.newBuilder()
                    .setLeftValue(operand(left))
                    .setRightValue(operand(right)))
            .build());
  }

  private static Operand operand(int value) {
    return Operand.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)).build();
  }
}
