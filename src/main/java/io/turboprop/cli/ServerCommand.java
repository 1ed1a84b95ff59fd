package io.turboprop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs an engine as configured, for a supervisor such as systemd or Kubernetes. */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description = {
      "Runs an engine as configured.",
      "",
      "All settings and their defaults are in conf/reference.conf; a file given with --config"
          + " overrides them, a system property (-Dturboprop.admin.port=8089) that, a flag"
          + " everything. Prints 'ready http://HOST:PORT' on standard output once it serves, and"
          + " logs on stderr. Ends on SIGTERM."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  turboprop server --config /etc/turboprop.conf",
      "  TURBOPROP_JAVA_OPTS='-Xmx4g -Dturboprop.log.format=json' turboprop server --port 8089"
    })
final class ServerCommand implements Callable<Integer> {
  private final Engine.Starter starter;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private EngineFlags flags = new EngineFlags();

  ServerCommand(Engine.Starter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() throws Exception {
    var engine = Serving.start(starter, flags.options());
    Serving.announce(engine, spec.commandLine().getOut());
    Serving.untilStopped(engine);
    return ExitCode.OK;
  }
}
