package io.turboprop.cli;

import com.typesafe.config.Config;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything on this machine: engine, PostgreSQL, blobs in a folder, tasks as processes. */
@Command(
    name = "dev",
    mixinStandardHelpOptions = true,
    description = {
      "Runs an engine on this machine with everything it needs inside: its PostgreSQL, a folder for"
          + " blobs, tasks as local processes, or as pods of a Kubernetes cluster.",
      "",
      "Prints 'ready http://HOST:PORT' on standard output once it serves; all else is on stderr: the"
          + " progress of executions if that is a terminal, and logs. What has been accepted goes"
          + " on after any crash, with the same --data. Ends on Ctrl-C."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  turboprop dev                                        in .turboprop/data, on port 30080",
      "  turboprop dev --port 0 --data /tmp/try               beside it, on any free port",
      "  turboprop dev --python ~/project/venv                tasks may import what that one has",
      "  turboprop dev --kubernetes --store s3://bucket/dev   tasks are pods, blobs are in a bucket",
      "",
      "  pyflyte run --remote FILE WORKFLOW [INPUTS]          in another terminal: 30080 is where",
      "                                                       pyflyte looks; else, for port 8089:",
      "  FLYTE_PLATFORM_URL=localhost:8089 FLYTE_PLATFORM_INSECURE=true pyflyte run ..."
    })
final class DevCommand implements Callable<Integer> {
  /** Where Flyte's clients look when nothing is configured. */
  private static final int PORT_OF_CLIENTS = 30080;

  private final Engine.Starter starter;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private EngineFlags flags = new EngineFlags();
  @Mixin private KubernetesFlags kubernetes = new KubernetesFlags();

  @Option(
      names = "--rehearse",
      paramLabel = "SECONDS",
      hidden = true,
      description = "Run echo workflows for so long, then end: how the launcher trains the JVM.")
  private @Nullable Integer rehearse;

  DevCommand(Engine.Starter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() throws Exception {
    if (!kubernetes.problem().isEmpty()) {
      throw new ParameterException(spec.commandLine(), kubernetes.problem());
    }
    var options = flags.options(kubernetes.settings(), kubernetes.guesses(System.getenv()));
    var engine = Serving.start(starter, options);
    Serving.announce(engine, spec.commandLine().getOut());
    if (rehearse != null) {
      return rehearse(engine.endpoint(), Duration.ofSeconds(rehearse));
    }
    hint(engine.endpoint(), options.config());
    if (Terminal.isStandardError()) {
      DevProgress.show(engine, Terminal.display());
    }
    Serving.untilStopped(engine);
    return ExitCode.OK;
  }

  private int rehearse(URI endpoint, Duration length) throws Exception {
    var executions = WarmUpLoad.run(endpoint, length);
    var err = spec.commandLine().getErr();
    err.println("turboprop: rehearsed with " + executions + " executions");
    err.flush();
    return ExitCode.OK;
  }

  private void hint(URI endpoint, Config config) {
    var err = spec.commandLine().getErr();
    var variables =
        endpoint.getPort() == PORT_OF_CLIENTS
            ? ""
            : "FLYTE_PLATFORM_URL=%s FLYTE_PLATFORM_INSECURE=true "
                .formatted(endpoint.getAuthority());
    err.println("turboprop: to run something: " + variables + "pyflyte run --remote FILE WORKFLOW");
    PythonSetting.warning(config.getString(PythonSetting.NAME))
        .ifPresent(warning -> err.println("turboprop: warning: " + warning));
    err.flush();
  }
}
