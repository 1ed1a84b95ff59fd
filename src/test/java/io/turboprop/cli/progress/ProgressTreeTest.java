package io.turboprop.cli.progress;

import static io.turboprop.cli.progress.Views.ASCII;
import static io.turboprop.cli.progress.Views.UNICODE;
import static io.turboprop.cli.progress.Views.attempt;
import static io.turboprop.cli.progress.Views.execution;
import static io.turboprop.cli.progress.Views.node;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTreeTest {

  @Test
  void nodesStandBelowTheirExecutionInColumns() {
    var view =
        execution(
            Phase.RUNNING,
            node("n0", "get_data", Phase.SUCCEEDED),
            node("n1", "train", Phase.RUNNING),
            NodeView.waiting("n2", "report"));

    assertThat(ProgressTree.lines(view, UNICODE))
        .containsExactly(
            "● training  RUNNING     4.2s  a1b2",
            "├─ ✔ get_data  SUCCEEDED         0.034s  n0",
            "├─ ● train     RUNNING           0.034s  n1",
            "└─ ○ report    WAITING                   n2");
  }

  @Test
  void aGraphInsideANodeIsIndentedAndKeepsTheColumns() {
    var view =
        execution(
            Phase.SUCCEEDED,
            node("n0", "outer", Phase.SUCCEEDED, node("n0-0-n0", "inner", Phase.SUCCEEDED)),
            node("n1", "last", Phase.SUCCEEDED));

    assertThat(ProgressTree.lines(view, ASCII))
        .containsExactly(
            "+ training  SUCCEEDED     4.2s  a1b2",
            "|- + outer     SUCCEEDED         0.034s  n0",
            "|  `- + inner  SUCCEEDED         0.034s  n0-0-n0",
            "`- + last      SUCCEEDED         0.034s  n1");
  }

  @Test
  void attemptsAndErrorsAreShownAtTheirNode() {
    var failed = attempt(node("n0", "train", Phase.FAILED), 3, "ValueError: C\nhas to be positive");

    assertThat(ProgressTree.lines(execution(Phase.FAILED, failed), ASCII))
        .containsExactly(
            "x training  FAILED     4.2s  a1b2",
            "`- x train  FAILED            0.034s  attempt 3  n0",
            "     ValueError: C",
            "     has to be positive");
  }

  @Test
  void theExecutionsErrorIsShownOnlyWhereNoNodeHasOne() {
    var failed = attempt(node("n0", "train", Phase.FAILED), 1, "ValueError: C");
    var both = new ExecutionView("a1", "training", Phase.FAILED, null, "the same", List.of(failed));
    var alone = new ExecutionView("a1", "training", Phase.FAILED, null, "no plan", List.of());

    assertThat(ProgressTree.lines(both, ASCII)).noneMatch(line -> line.contains("the same"));
    assertThat(ProgressTree.lines(alone, ASCII)).last().isEqualTo("   no plan");
  }

  @Test
  void timesHaveTheDigitsThatAreOfUse() {
    assertThat(ProgressTree.text(Duration.ofMillis(7))).isEqualTo("0.007s");
    assertThat(ProgressTree.text(Duration.ofMillis(12_345))).isEqualTo("12.3s");
    assertThat(ProgressTree.text(Duration.ofSeconds(125))).isEqualTo("2m05s");
  }

  @Test
  void aPhaseOfTheFutureCountsAsUnderWay() {
    assertThat(Phase.named("MEDITATING")).isEqualTo(Phase.RUNNING);
    assertThat(Phase.named("TIMED_OUT").isFinal()).isTrue();
  }
}
