package io.turboprop.cli.progress;

import static io.turboprop.cli.progress.Views.ASCII;
import static io.turboprop.cli.progress.Views.attempt;
import static io.turboprop.cli.progress.Views.execution;
import static io.turboprop.cli.progress.Views.node;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(written, true, UTF_8);

  @Test
  void withoutATerminalEachChangeIsALine() {
    var display = new PlainDisplay(out);
    var running = node("n0", "train", Phase.RUNNING);

    display.show(execution(Phase.RUNNING, NodeView.waiting("n0", "train")));
    display.show(execution(Phase.RUNNING, running));
    display.show(execution(Phase.RUNNING, running));
    display.show(execution(Phase.RUNNING, attempt(running, 2, null)));
    display.show(execution(Phase.FAILED, attempt(node("n0", "train", Phase.FAILED), 2, "no")));

    assertThat(text().lines())
        .containsExactly(
            "a1b2 training RUNNING",
            "a1b2 n0 train RUNNING",
            "a1b2 n0 train RUNNING (attempt 2)",
            "a1b2 n0 train FAILED (attempt 2) 0.034s",
            "a1b2 n0 train: no",
            "a1b2 training FAILED 4.2s");
  }

  @Test
  void inATerminalATreeIsDrawnOverItself() {
    var display = new LiveDisplay(out, ASCII, 24);

    display.show(execution(Phase.RUNNING, node("n0", "train", Phase.RUNNING)));
    written.reset();
    display.show(execution(Phase.RUNNING, node("n0", "train", Phase.SUCCEEDED)));

    assertThat(text()).startsWith("\u001b[?7l\u001b[2A\r\u001b[0J").contains("+ train");
  }

  @Test
  void theTreeOfAnEndedExecutionStaysAndIsNotDrawnOver() {
    var display = new LiveDisplay(out, ASCII, 24);

    display.show(execution(Phase.SUCCEEDED, node("n0", "train", Phase.SUCCEEDED)));
    written.reset();
    display.show(execution(Phase.RUNNING, node("n0", "train", Phase.RUNNING)));

    assertThat(text()).startsWith("\u001b[?7l\r\u001b[0J");
  }

  @Test
  void logLinesAppearAboveTheTrees() {
    var display = new LiveDisplay(out, ASCII, 24);
    display.show(execution(Phase.RUNNING, node("n0", "train", Phase.RUNNING)));
    written.reset();

    var aside = display.aside();
    aside.print("half a ");
    assertThat(text()).isEmpty();
    aside.println("line");

    var plain = text().replaceAll("\u001b\\[[^a-zA-Z]*[a-zA-Z]|\r", "");
    assertThat(plain.lines())
        .containsExactly(
            "half a line",
            "> training  RUNNING     4.2s  a1b2",
            "`- > train  RUNNING           0.034s  n0");
  }

  @Test
  void aTreeThatIsHigherThanTheTerminalIsCut() {
    var display = new LiveDisplay(out, ASCII, 10);
    var nodes =
        IntStream.range(0, 50)
            .mapToObj(i -> node("n" + i, "task", Phase.RUNNING))
            .toArray(NodeView[]::new);

    display.show(execution(Phase.RUNNING, nodes));

    assertThat(text()).containsOnlyOnce("and 44 lines more");
    assertThat(text().chars().filter(character -> character == '\n')).hasSize(8);
  }

  private String text() {
    return written.toString(UTF_8);
  }
}
