package io.turboprop.cli;

import io.turboprop.postgres.EmbeddedPostgresServer;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.store.StoreSettings;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Starts and stops the embedded PostgreSQL without an engine. */
@Command(
    name = "postgres",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Starts and stops the embedded PostgreSQL by itself, for several engines on this machine that"
          + " form one cluster. An engine with an embedded PostgreSQL of its own starts and stops"
          + " that without this."
    })
final class PostgresCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description = {
        "Starts PostgreSQL on the data folder and leaves it running. Prints its address on standard"
            + " output, as turboprop.store.external.url needs it, then the user and the file with"
            + " the password, each in a line of its own."
      })
  int start(@Mixin DataFlags flags) throws IOException {
    var embedded = embedded(flags);
    var address = EmbeddedPostgresServer.start(embedded).leaveRunning();
    var out = spec.commandLine().getOut();
    out.println(address.url());
    out.println(address.user());
    out.println(EmbeddedPostgresServer.passwordFile(embedded));
    out.flush();
    return 0;
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Stops the PostgreSQL that was started on the data folder, if it runs.")
  int stop(@Mixin DataFlags flags) throws IOException {
    EmbeddedPostgresServer.stop(embedded(flags));
    return 0;
  }

  private static PostgresServer.Embedded embedded(DataFlags flags) throws IOException {
    var store = flags.options().config().getConfig("turboprop.store");
    if (StoreSettings.from(store).server() instanceof PostgresServer.Embedded embedded) {
      return embedded;
    }
    throw new IllegalArgumentException(
        "turboprop.store.server is not embedded: an external PostgreSQL is started by its own means");
  }
}
