package io.turboprop.cli;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.turboprop.store.WakeUpTables;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the executions that the engine could not go on with. */
@Command(
    name = "parked",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the executions that the engine could not go on with: since when, the phase they had,"
          + " and why. They are tried again when an engine starts, after a while"
          + " (turboprop.workflow.parked-retry), and by 'turboprop unpark'.",
      "",
      "It only reads, and works beside a running engine on the same data; if none runs there, it"
          + " starts the database for itself."
    })
final class ParkedCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataFlags flags = new DataFlags();

  @Option(names = "--limit", description = "How many at most (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Override
  public Integer call() throws IOException {
    var out = spec.commandLine().getOut();
    try (var database = flags.attach()) {
      var tables = new WakeUpTables(database);
      for (var parked : tables.parked(limit)) {
        out.println(
            "%s  %s  %s  %s"
                .formatted(
                    parked.id(), parked.at(), Phase.forNumber(parked.phase()), parked.reason()));
      }
      var count = tables.parkedCount();
      out.println(count == 1 ? "1 execution is parked" : count + " executions are parked");
    }
    return 0;
  }
}
