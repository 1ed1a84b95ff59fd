package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1DeleteOptions;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Preconditions;
import io.turboprop.data.ExecutionId;
import io.turboprop.kubernetes.client.ApiObjects;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.KubernetesClient.Answer;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import okhttp3.Call;

/** The pods of a cluster, over its API. */
final class KubernetesPods implements Pods, PodTemplates {
  private static final int CONFLICTS_MAX = 5;

  private final KubernetesClient client;
  private final ApiObjects<ObservedPod> watched;
  private final Namespaces namespaces;

  KubernetesPods(KubernetesClient client, PodSettings settings, Namespaces namespaces) {
    this.client = client;
    this.namespaces = namespaces;
    var selector = PodMetadata.INSTALLATION + "=" + settings.cluster().installation();
    this.watched =
        new ApiObjects<>(
            client,
            "pods",
            new Requests(selector, settings.watching().pageSize()),
            ObservedPod::of);
  }

  @Override
  public Creation create(ExecutionId execution, V1Pod pod) throws IOException {
    var namespace =
        Objects.requireNonNull(Objects.requireNonNull(pod.getMetadata()).getNamespace());
    var unready = namespaces.prepare(execution, namespace);
    if (unready.isPresent()) {
      return new Creation.NoNamespace(unready.get());
    }
    var answer = post(namespace, pod);
    if (answer.code() == 404 && namespaces.areCreated()) {
      var missing = namespaces.recreate(execution, namespace);
      if (missing.isPresent()) {
        return new Creation.NoNamespace(missing.get());
      }
      answer = post(namespace, pod);
    }
    if (answer.isRight()) {
      return new Creation.Created(ObservedPod.of(answer.body()));
    }
    // A conflict may also be one of the quota's own record, which a second request solves.
    return answer.code() == 409 && answer.isReason("AlreadyExists")
        ? new Creation.AlreadyExists()
        : refused(answer);
  }

  private static Creation refused(Answer answer) throws IOException {
    if (answer.code() == 409) {
      throw new IOException(answer.message());
    }
    return new Creation.Refused(answer.code(), answer.message());
  }

  private Answer post(String namespace, V1Pod pod) throws IOException {
    return client.send("create", api -> api.createNamespacedPod(namespace, pod).buildCall(null));
  }

  @Override
  public Optional<ObservedPod> find(PodKey key) throws IOException {
    return read(key).map(ObservedPod::of);
  }

  private Optional<JsonObject> read(PodKey key) throws IOException {
    var answer =
        client.send(
            "get", api -> api.readNamespacedPod(key.name(), key.namespace()).buildCall(null));
    if (answer.code() == 404) {
      return Optional.empty();
    }
    return Optional.of(answer.orFail("the pod " + key + " cannot be read").body());
  }

  @Override
  public void delete(ObservedPod pod) throws IOException {
    var key = pod.key();
    var options = new V1DeleteOptions().preconditions(new V1Preconditions().uid(pod.uid()));
    var answer =
        client.send(
            "delete",
            api ->
                api.deleteNamespacedPod(key.name(), key.namespace()).body(options).buildCall(null));
    // 404: it is gone; 409: another pod has its name.
    if (answer.code() != 404 && answer.code() != 409) {
      answer.orFail("the pod " + key + " cannot be deleted");
    }
  }

  @Override
  public void removeFinalizer(ObservedPod observed) throws IOException {
    if (!observed.finalizers()) {
      return;
    }
    var key = observed.key();
    for (int attempt = 1; ; attempt++) {
      var pod = read(key);
      if (pod.isEmpty()) {
        return;
      }
      var answer = patch(key, withoutFinalizer(pod.get()));
      if (answer.code() == 404) {
        return;
      }
      if (answer.code() != 409 || attempt == CONFLICTS_MAX) {
        answer.orFail("the finalizer of the pod " + key + " cannot be removed");
        return;
      }
    }
  }

  /** A patch that the API server refuses if the pod has changed since it was read. */
  private static JsonObject withoutFinalizer(JsonObject pod) {
    var metadata = pod.getAsJsonObject("metadata");
    var others = new JsonArray();
    if (metadata.has("finalizers")) {
      for (var finalizer : metadata.getAsJsonArray("finalizers")) {
        if (!finalizer.getAsString().equals(PodMetadata.FINALIZER)) {
          others.add(finalizer);
        }
      }
    }
    var patched = new JsonObject();
    patched.add("resourceVersion", metadata.get("resourceVersion"));
    patched.add("finalizers", others);
    var patch = new JsonObject();
    patch.add("metadata", patched);
    return patch;
  }

  private Answer patch(PodKey key, JsonObject patch) throws IOException {
    return client.send(
        "patch",
        api -> {
          var call =
              api.patchNamespacedPod(key.name(), key.namespace(), new V1Patch(patch.toString()))
                  .buildCall(null);
          return KubernetesClient.patch(api, call, V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, patch);
        });
  }

  @Override
  public Page<ObservedPod> list(String next) throws IOException {
    return watched.list(next);
  }

  @Override
  public void watch(String version, Consumer<Change<ObservedPod>> changes) throws IOException {
    watched.watch(version, changes);
  }

  /** The requests for the pods of an installation. */
  private record Requests(String selector, int pageSize) implements ApiObjects.Requests {
    @Override
    public Call list(CoreV1Api api, String next) throws ApiException {
      var request = api.listPodForAllNamespaces().labelSelector(selector).limit(pageSize);
      return (next.isEmpty() ? request : request._continue(next)).buildCall(null);
    }

    @Override
    public Call watch(CoreV1Api api, String version, int timeoutSeconds) throws ApiException {
      return api.listPodForAllNamespaces()
          .labelSelector(selector)
          .resourceVersion(version)
          .allowWatchBookmarks(true)
          .timeoutSeconds(timeoutSeconds)
          .watch(true)
          .buildCall(null);
    }
  }

  @Override
  public Optional<BasePodTemplate> find(String namespace, String name) throws IOException {
    var answer =
        client.send("get", api -> api.readNamespacedPodTemplate(name, namespace).buildCall(null));
    if (answer.code() == 404) {
      return Optional.empty();
    }
    var template =
        answer
            .orFail("the PodTemplate %s/%s cannot be read".formatted(namespace, name))
            .body()
            .getAsJsonObject("template");
    return Optional.of(BasePodTemplate.of(KubernetesJson.read(template, V1PodTemplateSpec.class)));
  }

  @Override
  public void close() {
    client.close();
  }
}
