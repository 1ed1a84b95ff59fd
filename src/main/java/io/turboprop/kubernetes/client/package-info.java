/**
 * The API of a Kubernetes cluster: requests within bounds, and the objects of one kind, listed and
 * then watched.
 *
 * <p>Way in: {@link io.turboprop.kubernetes.client.KubernetesClient} and {@link
 * io.turboprop.kubernetes.client.ListWatch}. It knows Kubernetes' API and metrics, and nothing of
 * tasks or executions.
 */
@NullMarked
package io.turboprop.kubernetes.client;

import org.jspecify.annotations.NullMarked;
