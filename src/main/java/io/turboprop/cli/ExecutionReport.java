package io.turboprop.cli;

import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.cli.progress.ExecutionReader;
import io.turboprop.cli.progress.ExecutionView;
import io.turboprop.cli.progress.LiteralText;
import io.turboprop.cli.progress.Phase;
import io.turboprop.cli.progress.ProgressTree;
import java.io.PrintWriter;
import java.util.TreeMap;

/** Prints an execution for people: its tree of nodes, and its outputs if it has succeeded. */
final class ExecutionReport {
  private ExecutionReport() {}

  /**
   * Prints the view to standard output.
   *
   * @param reader reads the outputs; it is only asked for those of an execution that has succeeded
   */
  static void print(
      ExecutionView view,
      WorkflowExecutionIdentifier id,
      ExecutionReader reader,
      PrintWriter standardOutput) {
    ProgressTree.lines(view, Terminal.penOfStandardOutput()).forEach(standardOutput::println);
    if (view.phase() == Phase.SUCCEEDED) {
      standardOutput.println("outputs");
      new TreeMap<>(reader.outputs(id).getLiteralsMap())
          .forEach((name, literal) ->
              standardOutput.println("   " + name + " = " + LiteralText.of(literal)));
    }
    standardOutput.flush();
  }
}
