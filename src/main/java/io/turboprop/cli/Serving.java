package io.turboprop.cli;

import java.io.PrintWriter;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps an engine running until the process is asked to end, or the engine cannot go on. */
final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  private Serving() {}

  /** Starts an engine, and closes it when the process ends. */
  static Engine start(Engine.Starter starter, EngineOptions options) throws Exception {
    var engine = starter.start(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(engine), "turboprop-stop"));
    return engine;
  }

  private static void stop(Engine engine) {
    LOG.info("stopping");
    engine.close();
  }

  /** Prints to standard output the line {@code ready <address>}, which other programs wait for. */
  static void announce(Engine engine, PrintWriter out) {
    out.println("ready " + engine.endpoint());
    out.flush();
  }

  /**
   * Waits until the engine has stopped.
   *
   * @throws IllegalStateException with the reason when the engine stopped because of a failure
   */
  static void untilStopped(Engine engine) {
    try {
      engine.stopped().toCompletableFuture().join();
    } catch (CompletionException | CancellationException e) {
      throw new IllegalStateException("the engine has stopped", e.getCause());
    }
  }
}
