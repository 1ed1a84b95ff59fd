package io.turboprop.store;

/** Whom an engine shares its database with. */
public enum Sharing {
  /** No other engine. */
  STANDALONE,
  /** The other nodes of its cluster, and no engine outside of it. */
  CLUSTER
}
