package io.turboprop.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/**
 * Makes meters of one registry, each with a help text, and there from the start with the value 0.
 * Where one means the same as FlytePropeller's it has that name (engine §11), with underscores for
 * colons; all others begin with {@code turboprop}.
 */
public record Meters(MeterRegistry registry) {
  private static final String FLYTE = "flyte.propeller.all.";

  /** The whole name of a figure that FlytePropeller has too. */
  public static String flyte(String name) {
    return FLYTE + name;
  }

  /**
   * @param tags a name and a value for each; few values only
   */
  public Counter counter(String name, String help, String... tags) {
    return Counter.builder(name).description(help).tags(tags).register(registry);
  }

  /**
   * A distribution with the median and what 9 of 10, and 99 of 100, stay below, of the last
   * minutes.
   *
   * @param name says the unit of what is recorded last, as {@code …_ms}
   */
  public DistributionSummary summary(String name, String help, String... tags) {
    return DistributionSummary.builder(name)
        .description(help)
        .tags(tags)
        .publishPercentiles(0.5, 0.9, 0.99)
        .register(registry);
  }

  /** What is asked for whenever somebody looks; from any thread. */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).strongReference(true).register(registry);
  }
}
