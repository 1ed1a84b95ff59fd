package io.turboprop.store;

/** The engines that may use the same database. */
public enum Sharing {
  /** No other engine. */
  STANDALONE,
  /** The other nodes of its cluster, and no engine outside of it. */
  CLUSTER
}
