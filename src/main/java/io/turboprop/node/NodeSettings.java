package io.turboprop.node;

import com.typesafe.config.Config;
import io.turboprop.setting.Section;
import java.time.Duration;

/**
 * The settings of the section {@code turboprop.node}.
 *
 * @param calls how long calls of handlers may take, and how often they are repeated
 * @param nestingMax how deeply executions may be nested
 * @param reservationInterval how long a task waits before it asks again for a cache entry
 */
public record NodeSettings(
    NodeActor.Settings calls,
    int nestingMax,
    Speculation speculation,
    Duration reservationInterval,
    Duration queueTimeout,
    DynamicSettings dynamic) {

  /**
   * Reads the section {@code node} of the section {@code turboprop}.
   *
   * @throws com.typesafe.config.ConfigException naming what is out of bounds
   */
  public static NodeSettings from(Config turboprop) {
    var node = Section.of(turboprop, "node");
    return new NodeSettings(
        new NodeActor.Settings(
            node.pause("call-timeout"),
            node.number("call-failures", 1),
            node.backOff("call-pause", "call-pause-max"),
            node.pause("look-at-least-every")),
        node.number("nesting-max", 1),
        Speculation.from(node.section("speculation")),
        node.pause("reservation-interval"),
        node.time("queue-timeout"),
        DynamicSettings.from(node.section("dynamic")));
  }
}
