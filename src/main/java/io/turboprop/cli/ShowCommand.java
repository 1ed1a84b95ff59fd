package io.turboprop.cli;

import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.turboprop.cli.progress.ExecutionReader;
import io.turboprop.cli.progress.ExecutionView;
import io.turboprop.cli.progress.Phase;
import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one execution of a running server. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Shows an execution of a running server: its tree of nodes with phases, times and errors, and"
          + " its outputs. Any node of a cluster can be asked."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:the execution was shown; with --watch, it has succeeded",
      "1:there is no such execution, or the server can't be reached; with --watch, it has not"
          + " succeeded",
      "2:wrong usage"
    })
final class ShowCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  /** How long a watched server may be away, e.g. because it is started again. */
  private static final int FAILURES_MAX = 300;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "EXECUTION",
      converter = GivenExecution.class,
      description =
          "Its name, PROJECT/DOMAIN/NAME or PROJECT:DOMAIN:NAME; else in flytesnacks, development.")
  @SuppressWarnings("NullAway.Init") // without it, picocli refuses the call
  private ExecutionId execution;

  @Option(
      names = "--endpoint",
      paramLabel = "HOST:PORT",
      converter = GivenEndpoint.class,
      description = "The server; default: FLYTE_PLATFORM_URL, else 127.0.0.1:30080.")
  private @Nullable URI endpoint;

  @Option(
      names = "--watch",
      description = "Goes on showing the execution until it has ended; shows its end then.")
  private boolean watch;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var server = endpoint == null ? GivenEndpoint.of(System.getenv()) : endpoint;
    var reader = ExecutionReader.at(server);
    var id =
        WorkflowExecutionIdentifier.newBuilder()
            .setProject(execution.project())
            .setDomain(execution.domain())
            .setName(execution.name())
            .build();
    Optional<ExecutionView> view;
    try {
      view = watch ? follow(id, reader) : reader.read(id);
    } catch (StatusRuntimeException e) {
      throw new IOException("%s answers: %s".formatted(server, text(e)), e);
    }
    if (view.isEmpty()) {
      var err = spec.commandLine().getErr();
      err.println("turboprop: %s knows no execution %s".formatted(server, execution));
      err.flush();
      return ExitCode.SOFTWARE;
    }
    ExecutionReport.print(view.get(), id, reader, spec.commandLine().getOut());
    return watch && view.get().phase() != Phase.SUCCEEDED ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  /** Shows the progress until the end; the last view, or none if there is no such execution. */
  private static Optional<ExecutionView> follow(
      WorkflowExecutionIdentifier id, ExecutionReader reader) throws InterruptedException {
    var display = Terminal.display();
    var failures = 0;
    while (true) {
      try {
        var view = reader.read(id);
        failures = 0;
        if (view.isEmpty()) {
          return view;
        }
        if (view.get().phase().isFinal()) {
          display.end(view.get());
          return view;
        }
        display.show(view.get());
      } catch (StatusRuntimeException e) {
        failures++;
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || failures == FAILURES_MAX) {
          throw e;
        }
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  private static String text(StatusRuntimeException e) {
    var description = e.getStatus().getDescription();
    return e.getStatus().getCode() + (description == null ? "" : ", " + description);
  }
}
