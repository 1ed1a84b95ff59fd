package io.turboprop.cli;

import java.net.URI;
import java.util.concurrent.CompletionStage;

/** A running engine, as the command line sees it. */
public interface Engine extends AutoCloseable {

  /** Creates engines; {@code Main} binds it. */
  @FunctionalInterface
  interface Starter {
    /**
     * Returns once the engine serves. Blocks.
     *
     * @throws Exception when the engine cannot start; the user sees only the message
     */
    Engine start(EngineOptions options) throws Exception;
  }

  /** {@code http://host:port} of the engine's API. */
  URI endpoint();

  /** A counter that grows whenever something that clients can read of an execution has changed. */
  long changes();

  /** Completes when the engine has stopped; exceptionally when it stopped without a request. */
  CompletionStage<Void> stopped();

  /**
   * Stops the engine: returns when all acknowledged requests are stored and nothing runs any more.
   */
  @Override
  void close();
}
