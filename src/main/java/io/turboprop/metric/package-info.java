/**
 * How figures for operators are made: names, units, help texts.
 *
 * <p>Way in: {@link io.turboprop.metric.Meters}, which the guardian hands to whoever has something
 * to count. Way out: the registry that the door shows as {@code /metrics}. It knows nothing of what
 * is counted; the list of all figures is {@code deploy/metrics.md}.
 */
@NullMarked
package io.turboprop.metric;

import org.jspecify.annotations.NullMarked;
