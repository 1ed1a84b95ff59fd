package io.turboprop.executor;

/**
 * Tells the executors of the cluster to look at the table of attempts. A message only makes it
 * quick: executors look by themselves, again and again.
 */
public interface ExecutorNews {
  /** An attempt has been queued. */
  void queued();

  /** A leased attempt has to be stopped. */
  void aborted();
}
