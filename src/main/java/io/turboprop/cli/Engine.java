package io.turboprop.cli;

import java.net.URI;
import java.util.concurrent.CompletionStage;

/** A running engine, as the command line sees it. */
public interface Engine extends AutoCloseable {

  /** How engines are made; bound by {@code Main}. */
  @FunctionalInterface
  interface Starter {
    /**
     * Returns once the engine serves. Blocks.
     *
     * @throws Exception when it cannot; the message is for the user, who sees nothing else of it
     */
    Engine start(EngineOptions options) throws Exception;
  }

  /** {@code http://host:port} of its door. */
  URI endpoint();

  /** Grows whenever something that clients can read of an execution has changed. */
  long changes();

  /** Completes once it has stopped; exceptionally when it was not asked to. */
  CompletionStage<Void> stopped();

  /** Stops it: returns when all that was acknowledged is stored and nothing of it runs any more. */
  @Override
  void close();
}
