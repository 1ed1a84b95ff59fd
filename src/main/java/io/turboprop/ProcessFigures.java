package io.turboprop;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;

/** Meters of the process: memory, garbage collections, threads, processors. */
final class ProcessFigures {
  private ProcessFigures() {}

  /**
   * @return the meters, to be closed when they are no longer needed
   */
  static AutoCloseable of(MeterRegistry metrics) {
    new JvmMemoryMetrics().bindTo(metrics);
    new JvmThreadMetrics().bindTo(metrics);
    new ProcessorMetrics().bindTo(metrics);
    var collections = new JvmGcMetrics();
    collections.bindTo(metrics);
    return collections;
  }
}
