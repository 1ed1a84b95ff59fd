package io.turboprop.plugin.pod;

import io.kubernetes.client.openapi.models.V1Pod;
import io.turboprop.data.ExecutionId;
import io.turboprop.kubernetes.client.WatchedObjects;
import java.io.IOException;
import java.util.Optional;

/**
 * The pods of one cluster that belong to one installation. Every call blocks; each but {@link
 * #watch} takes a bounded time. An {@link IOException} means that the API server does not answer,
 * or not for now; the call may be repeated.
 */
interface Pods extends WatchedObjects<ObservedPod>, AutoCloseable {

  /** Creates a pod of an execution. */
  Creation create(ExecutionId execution, V1Pod pod) throws IOException;

  /** The pod of this name now; empty when there is none. */
  Optional<ObservedPod> find(PodKey key) throws IOException;

  /** Deletes a pod, unless it is gone or another pod has taken its name. */
  void delete(ObservedPod pod) throws IOException;

  /** Takes Flyte's finalizer from a pod, if it has it. */
  void removeFinalizer(ObservedPod pod) throws IOException;

  @Override
  void close();

  /** The result of a creation. */
  sealed interface Creation {
    /** The pod is created. */
    record Created(ObservedPod pod) implements Creation {}

    /**
     * The namespace is not ready for pods.
     *
     * @param reason the reason, for the user
     */
    record NoNamespace(String reason) implements Creation {}

    /** A pod of this name is there already. */
    record AlreadyExists() implements Creation {}

    /**
     * The API server refuses the pod.
     *
     * @param code the HTTP status code
     */
    record Refused(int code, String message) implements Creation {}
  }
}
