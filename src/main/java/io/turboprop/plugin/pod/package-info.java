/**
 * Tasks as pods of a Kubernetes cluster, by the rules of FlytePropeller's pod plugin.
 *
 * <p>Way in: {@link io.turboprop.plugin.pod.PodPluginProvider}. {@code PodBuilder} makes the pod of
 * an attempt, one class for each group of rules; {@code Pods} creates and deletes it; {@code
 * PodInformer} watches all pods of the installation and notifies the attempts; {@code PodPhases}
 * reads what a pod's status means for its attempt. Way out: the answers of {@code TaskPlugin}.
 *
 * <p>Nothing essential is in memory: a pod is found again by its name, which follows from
 * execution, node and attempt. Kubernetes' client stays behind {@code Pods}; its models of pods are
 * used where pods are built. The package knows neither FlyteWorkflow resources nor executions'
 * states.
 */
@NullMarked
package io.turboprop.plugin.pod;

import org.jspecify.annotations.NullMarked;
