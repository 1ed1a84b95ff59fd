package io.turboprop.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/**
 * Creates the meters of one registry. Each has a help text, and exists from the start with the
 * value 0. A meter that means the same as one of FlytePropeller's has its name, with underscores
 * for colons; all other names begin with {@code turboprop}.
 */
public record Meters(MeterRegistry registry) {
  private static final String FLYTE = "flyte.propeller.all.";

  /** The full name of a meter that FlytePropeller has too. */
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
   * A distribution of the last minutes: its median, 90th and 99th percentile.
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

  /** A gauge whose value is read at each scrape, on any thread. */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).strongReference(true).register(registry);
  }
}
