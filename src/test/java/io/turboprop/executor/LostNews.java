package io.turboprop.executor;

/** News of which none arrives. */
final class LostNews implements ExecutorNews {
  @Override
  public void queued() {}

  @Override
  public void aborted() {}
}
