/**
 * Accepts the FlyteWorkflow resources of a Kubernetes cluster as executions, and writes the state
 * of these executions into the status of the resources.
 *
 * <p>Way in: {@link io.turboprop.kubernetes.ResourceWatch}, which runs a {@link
 * io.turboprop.kubernetes.ResourceController} on one node at a time. Way out: {@link
 * io.turboprop.kubernetes.ResourceExecutions}, by which executions begin and end. A resource that
 * is an execution is a row; all that the package knows besides can be read again, from the row, the
 * API server and the tables that clients read. It must not know actors, plugins or the API.
 */
@NullMarked
package io.turboprop.kubernetes;

import org.jspecify.annotations.NullMarked;
