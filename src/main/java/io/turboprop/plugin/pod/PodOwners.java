package io.turboprop.plugin.pod;

import io.kubernetes.client.openapi.models.V1OwnerReference;
import io.turboprop.kubernetes.client.ClusterAccess;
import io.turboprop.plugin.EngineRecords;
import io.turboprop.plugin.TaskContext;
import java.util.Optional;

/**
 * The owners of pods: Kubernetes deletes the pods of an execution with the execution's
 * FlyteWorkflow resource. The owner is named by the kind as the cluster defines it, since
 * Kubernetes' garbage collector finds no {@code flyteworkflow}, which is what FlytePropeller
 * writes.
 *
 * @param access the cluster of the pods
 */
record PodOwners(ClusterAccess access, EngineRecords records) {
  private static final String API_VERSION = "flyte.lyft.com/v1alpha1";
  private static final String KIND = "FlyteWorkflow";

  /**
   * The owner of an attempt's pod; may block. Empty if the execution has no resource in the cluster
   * and the namespace of the pod, because Kubernetes deletes what belongs to an owner that is not
   * there.
   */
  Optional<V1OwnerReference> of(TaskContext task, PodKey pod) {
    return records
        .resource(task.execution())
        .filter(resource -> resource.kubeconfig().equals(access.kubeconfig()))
        .filter(resource -> resource.context().equals(access.context()))
        .filter(resource -> resource.namespace().equals(pod.namespace()))
        .map(resource ->
            new V1OwnerReference()
                .apiVersion(API_VERSION)
                .kind(KIND)
                .name(resource.name())
                .uid(resource.uid())
                .controller(true));
  }
}
