package io.turboprop.plugin.pod;

import io.kubernetes.client.openapi.models.V1Pod;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The pods of one cluster that belong to one installation. Every call blocks; each but {@link
 * #watch} takes a bounded time. An {@link IOException} means that the API server does not answer,
 * or not for now; the call may be repeated.
 */
interface Pods extends AutoCloseable {

  /** Creates a pod. */
  Creation create(V1Pod pod) throws IOException;

  /** The pod of this name now; empty when there is none. */
  Optional<ObservedPod> find(PodKey key) throws IOException;

  /** Deletes a pod, unless it is gone or another pod has taken its name. */
  void delete(ObservedPod pod) throws IOException;

  /** Takes Flyte's finalizer from a pod, if it has it. */
  void removeFinalizer(PodKey key) throws IOException;

  /**
   * A page of all pods.
   *
   * @param next {@link Page#next} of the page before; empty for the first
   * @throws ExpiredException when the first page is too long ago
   */
  Page list(String next) throws IOException;

  /**
   * Hands over all changes after a version, until the API server ends the watch.
   *
   * @throws ExpiredException when the version is too long ago, so that the pods have to be listed
   *     again
   */
  void watch(String version, Consumer<Change> changes) throws IOException;

  @Override
  void close();

  /** What becomes of a creation. */
  sealed interface Creation {
    /** The pod is created. */
    record Created(ObservedPod pod) implements Creation {}

    /** A pod of this name is there already. */
    record AlreadyExists() implements Creation {}

    /**
     * The API server refuses the pod.
     *
     * @param code of HTTP
     */
    record Refused(int code, String message) implements Creation {}
  }

  /**
   * A page of a list.
   *
   * @param version of the whole list
   * @param next for the next page; empty after the last
   */
  record Page(List<ObservedPod> pods, String version, String next) {}

  /** A change of a pod. */
  sealed interface Change {
    /** A pod is new or has changed. */
    record Present(ObservedPod pod) implements Change {}

    /** A pod is gone; this was its last state. */
    record Gone(ObservedPod pod) implements Change {}

    /** No change up to this version. */
    record Nothing(String version) implements Change {}
  }

  /** The API server no longer knows what has changed since a version. */
  final class ExpiredException extends IOException {
    private static final long serialVersionUID = 1L;

    ExpiredException(String message) {
      super(message);
    }
  }
}
