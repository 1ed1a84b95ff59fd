package io.turboprop.cli.progress;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a line for each change; for files, pipes and logs. It forgets executions that have ended.
 */
public final class PlainDisplay implements ProgressDisplay {
  private final PrintStream out;
  private final Map<String, ExecutionView> shown = new HashMap<>();

  public PlainDisplay(PrintStream out) {
    this.out = out;
  }

  @Override
  public void show(ExecutionView execution) {
    ProgressChanges.lines(shown.get(execution.name()), execution).forEach(out::println);
    if (execution.phase().isFinal()) {
      shown.remove(execution.name());
    } else {
      shown.put(execution.name(), execution);
    }
  }

  @Override
  public void end(ExecutionView execution) {
    show(execution);
  }
}
