package io.turboprop;

import io.turboprop.cli.TurbopropCommand;

/** The entry point of the process: hands the command line to the engine's commands. */
public final class Main {
  private Main() {}

  static void main(String[] arguments) {
    System.exit(TurbopropCommand.run(EngineAssembly::start, arguments));
  }
}
