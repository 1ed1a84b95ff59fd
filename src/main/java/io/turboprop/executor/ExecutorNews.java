package io.turboprop.executor;

/**
 * Notifies the executors of the cluster that the table of attempts has changed. A message only
 * makes it quick: executors look by themselves, again and again.
 */
public interface ExecutorNews {
  /** An attempt has been queued. */
  void queued();

  /** A leased attempt has to be stopped. */
  void aborted();
}
