package io.turboprop;

import io.turboprop.cli.TurbopropCommand;

/** The process: a command line over an engine. */
public final class Main {
  private Main() {}

  static void main(String[] arguments) {
    System.exit(TurbopropCommand.run(EngineAssembly::start, arguments));
  }
}
