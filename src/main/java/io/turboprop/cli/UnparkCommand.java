package io.turboprop.cli;

import io.turboprop.data.ExecutionId;
import io.turboprop.store.Database;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.WakeUpTables;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
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

  @Parameters(
      paramLabel = "EXECUTION",
      converter = GivenExecution.class,
      description =
          "Its name, PROJECT/DOMAIN/NAME or PROJECT:DOMAIN:NAME; else in flytesnacks, development.")
  @SuppressWarnings("NullAway.Init") // without it, picocli refuses the call
  private ExecutionId execution;

  @Override
  public Integer call() throws IOException {
    var config = flags.options().config().getConfig("turboprop");
    try (var database = Database.attach(StoreSettings.from(config.getConfig("store")))) {
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
