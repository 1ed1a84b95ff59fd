package io.turboprop;

import io.turboprop.cli.Engine;

/** Engines within the JVM of a test. */
public final class TestingEngines {
  private TestingEngines() {}

  /** How the program itself starts an engine. */
  public static Engine.Starter starter() {
    return EngineAssembly::start;
  }
}
