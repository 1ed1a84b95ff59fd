package io.turboprop.cli;

import io.turboprop.store.WakeUpTables;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has the engine try a parked execution again. */
@Command(
    name = "unpark",
    mixinStandardHelpOptions = true,
    description = {
      "Has the engine try an execution again that it could not go on with: 'turboprop parked' lists"
          + " them. A running engine on the same data takes it up within a second, else the next"
          + " one that starts there."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:it is tried again", "1:no such execution is parked", "2:wrong usage"})
final class UnparkCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataFlags flags = new DataFlags();
  @Mixin private ExecutionArgument argument = new ExecutionArgument();

  @Override
  public Integer call() throws IOException {
    var execution = argument.execution();
    try (var database = flags.attach()) {
      if (new WakeUpTables(database).unpark(execution)) {
        spec.commandLine().getOut().println(execution + " is tried again");
        return 0;
      }
      spec.commandLine()
          .getErr()
          .println(
              "turboprop: the execution %s is not parked; 'turboprop parked' lists those that are"
                  .formatted(execution));
      return 1;
    }
  }
}
