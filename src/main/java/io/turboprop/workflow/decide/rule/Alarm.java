package io.turboprop.workflow.decide.rule;

import io.turboprop.data.NodePath;
import java.time.Instant;
import java.util.Comparator;

/** A moment at which something becomes due for a node. */
public record Alarm(Instant at, NodePath node, What what) implements Comparable<Alarm> {
  private static final Comparator<Alarm> ORDER =
      Comparator.comparing(Alarm::at)
          .thenComparing(a -> a.node().text())
          .thenComparing(Alarm::what);

  /** What becomes due. */
  public enum What {
    /** This attempt has run too long. */
    TIMEOUT,
    /** A sleeping attempt is to be looked at again. */
    AWAKE,
    /** The pause between two attempts is over. */
    RETRY
  }

  @Override
  public int compareTo(Alarm other) {
    return ORDER.compare(this, other);
  }
}
