/**
 * Turboprop in FlytePropeller's place, behind a real FlyteAdmin: sends the events of executions to
 * FlyteAdmin.
 *
 * <p>Way in: {@link io.turboprop.flyteadmin.EventPublisher}, which {@code event} notifies of
 * published steps, and which reads the events from the journal. Way out: gRPC calls to FlyteAdmin,
 * with a login where FlyteAdmin asks for one ({@link io.turboprop.flyteadmin.FlyteAdminChannel}).
 * {@link io.turboprop.flyteadmin.ExecutionEvents} is pure: it maps the steps of the journal to
 * Flyte's events. The package knows nothing of our own API.
 */
@NullMarked
package io.turboprop.flyteadmin;

import org.jspecify.annotations.NullMarked;
