/**
 * The FlyteWorkflow custom resource (group {@code flyte.lyft.com}, version {@code v1alpha1}): the
 * document that asks Kubernetes for a workflow execution.
 *
 * <p>Way in: {@link io.turboprop.resource.ResourceReader}, which reads the JSON. Way out: {@link
 * io.turboprop.resource.ResourceClosure}, its compiled closure, from which {@code PlanBuilder}
 * makes the plan, and {@link io.turboprop.resource.ResourceOptions}, the options of the execution;
 * or each {@link io.turboprop.resource.MalformedResourceException.Problem} with its position.
 *
 * <p>Records have the shape of the document and are written back as they were read. Fields that
 * only FlytePropeller's own loop needs are not read: the status, task resources, plugin choices.
 *
 * <p>It knows flyteidl's messages and the compiler; it must not know Kubernetes' API, actors, SQL
 * or the engine.
 */
@NullMarked
package io.turboprop.resource;

import org.jspecify.annotations.NullMarked;
