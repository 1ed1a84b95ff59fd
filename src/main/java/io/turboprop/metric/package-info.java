/**
 * The metrics for operators: names, units, help texts.
 *
 * <p>Way in: {@link io.turboprop.metric.Meters}, which the assembly gives to every component that
 * counts something. Way out: the registry that the API shows as {@code /metrics}. It knows nothing
 * of what is counted; the list of all metrics is {@code deploy/metrics.md}.
 */
@NullMarked
package io.turboprop.metric;

import org.jspecify.annotations.NullMarked;
