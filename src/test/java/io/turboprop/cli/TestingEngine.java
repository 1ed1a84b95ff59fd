package io.turboprop.cli;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** An engine that does nothing but stand there, until it is told to stop. */
final class TestingEngine implements Engine {
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  @Override
  public URI endpoint() {
    return URI.create("http://127.0.0.1:30080");
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
