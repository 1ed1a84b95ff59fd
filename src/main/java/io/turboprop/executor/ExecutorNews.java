package io.turboprop.executor;

/**
 * Notifies the executors of the cluster that the table of attempts has changed. A message only
 * saves time: executors also read the table at intervals.
 */
public interface ExecutorNews {
  /** An attempt has been queued. */
  void queued();

  /** A leased attempt has to be stopped. */
  void aborted();
}
