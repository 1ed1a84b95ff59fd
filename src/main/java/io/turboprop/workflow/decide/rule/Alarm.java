package io.turboprop.workflow.decide.rule;

import io.turboprop.data.NodePath;
import java.time.Instant;
import java.util.Comparator;

/** The time at which something becomes due for a node. */
public record Alarm(Instant at, NodePath node, Kind kind) implements Comparable<Alarm> {
  private static final Comparator<Alarm> ORDER =
      Comparator.comparing(Alarm::at)
          .thenComparing(a -> a.node().text())
          .thenComparing(Alarm::kind);

  /** The kind of an alarm. */
  public enum Kind {
    /** The attempt has reached its timeout. */
    TIMEOUT,
    /** The sleep of an attempt ends. */
    AWAKE,
    /** The pause between two attempts ends. */
    RETRY
  }

  @Override
  public int compareTo(Alarm other) {
    return ORDER.compare(this, other);
  }
}
