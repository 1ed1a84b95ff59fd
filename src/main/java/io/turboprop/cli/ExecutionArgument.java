package io.turboprop.cli;

import io.turboprop.data.ExecutionId;
import picocli.CommandLine.Parameters;

/** The argument of every command that works on one execution. */
final class ExecutionArgument {
  @Parameters(
      paramLabel = "EXECUTION",
      converter = GivenExecution.class,
      description =
          "Its name, PROJECT/DOMAIN/NAME or PROJECT:DOMAIN:NAME; else in flytesnacks, development.")
  @SuppressWarnings("NullAway.Init") // without it, picocli refuses the call
  private ExecutionId execution;

  ExecutionId execution() {
    return execution;
  }
}
