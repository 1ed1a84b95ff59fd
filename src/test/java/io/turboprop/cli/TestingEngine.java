package io.turboprop.cli;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** An engine that does nothing but stand there, until it is told to stop. */
final class TestingEngine implements Engine {
  static final URI ENDPOINT = URI.create("http://127.0.0.1:1");

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** One that has been told to stop already. */
  static TestingEngine stoppedOne() {
    var engine = new TestingEngine();
    engine.close();
    return engine;
  }

  /** Where nobody listens. */
  @Override
  public URI endpoint() {
    return ENDPOINT;
  }

  @Override
  public long changes() {
    return 0;
  }

  @Override
  public CompletableFuture<Void> stopped() {
    return stopped;
  }

  @Override
  public void close() {
    stopped.complete(null);
  }
}
