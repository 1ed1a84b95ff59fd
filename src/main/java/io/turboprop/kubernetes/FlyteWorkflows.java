package io.turboprop.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.CustomObjectsApi;
import io.turboprop.kubernetes.client.ApiObjects;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.KubernetesClient.Answer;
import io.turboprop.kubernetes.client.WatchedObjects;
import io.turboprop.store.ResourceTables.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import okhttp3.Call;

/**
 * The client of a cluster's API for FlyteWorkflow resources. Every call blocks. An {@link
 * IOException} means that the API server does not answer, or refuses; the caller may repeat the
 * call.
 */
final class FlyteWorkflows {
  static final String GROUP = "flyte.lyft.com";
  private static final String VERSION = "v1alpha1";
  static final String PLURAL = "flyteworkflows";

  /** The label of the pods of this engine. */
  private static final String OWN_PODS = "turboprop.io/installation";

  private static final int NOT_FOUND = 404;
  private static final int ENTITY_TOO_LARGE = 413;

  /** Parts of the messages with which the API server and etcd refuse too large documents. */
  private static final List<String> TOO_LARGE =
      List.of("request is too large", "entity too large", "exceeds the maximum", "message larger");

  private final KubernetesClient client;
  private final ResourceSettings settings;

  /** The result of a change. */
  enum Changed {
    DONE,
    /** The resource is deleted, or another resource has its name now. */
    GONE,
    /** The resource has changed since it was read. */
    CONFLICT,
    /** The changed resource would be too large. */
    TOO_LARGE
  }

  FlyteWorkflows(KubernetesClient client, ResourceSettings settings) {
    this.client = client;
    this.settings = settings;
  }

  /** The resources that the settings select, for a watch. */
  WatchedObjects<ObservedResource> watched() {
    var objects =
        new ApiObjects<>(
            client,
            "resources flyteworkflows.flyte.lyft.com",
            new Requests(settings),
            ObservedResource::of);
    return settings.createDefinition() ? new Defined(objects) : objects;
  }

  /** Before the first list, defines the kind of resource in the cluster. */
  private final class Defined implements WatchedObjects<ObservedResource> {
    private final WatchedObjects<ObservedResource> objects;
    private boolean isDefined;

    Defined(WatchedObjects<ObservedResource> objects) {
      this.objects = objects;
    }

    @Override
    public Page<ObservedResource> list(String next) throws IOException {
      if (!isDefined) {
        define(Definition.read());
        isDefined = true;
      }
      return objects.list(next);
    }

    @Override
    public void watch(String version, Consumer<Change<ObservedResource>> changes)
        throws IOException {
      objects.watch(version, changes);
    }
  }

  private record Requests(ResourceSettings settings) implements ApiObjects.Requests {
    @Override
    public Call list(CoreV1Api api, String next) throws ApiException {
      var custom = custom(api);
      var size = settings.watching().pageSize();
      if (settings.namespace().isEmpty()) {
        var request =
            custom
                .listCustomObjectForAllNamespaces(GROUP, VERSION, PLURAL)
                .labelSelector(settings.selector())
                .limit(size);
        return (next.isEmpty() ? request : request._continue(next)).buildCall(null);
      }
      var request =
          custom
              .listNamespacedCustomObject(GROUP, VERSION, settings.namespace(), PLURAL)
              .labelSelector(settings.selector())
              .limit(size);
      return (next.isEmpty() ? request : request._continue(next)).buildCall(null);
    }

    @Override
    public Call watch(CoreV1Api api, String version, int timeoutSeconds) throws ApiException {
      var custom = custom(api);
      return settings.namespace().isEmpty()
          ? custom
              .listCustomObjectForAllNamespaces(GROUP, VERSION, PLURAL)
              .labelSelector(settings.selector())
              .resourceVersion(version)
              .allowWatchBookmarks(true)
              .timeoutSeconds(timeoutSeconds)
              .watch(true)
              .buildCall(null)
          : custom
              .listNamespacedCustomObject(GROUP, VERSION, settings.namespace(), PLURAL)
              .labelSelector(settings.selector())
              .resourceVersion(version)
              .allowWatchBookmarks(true)
              .timeoutSeconds(timeoutSeconds)
              .watch(true)
              .buildCall(null);
    }
  }

  private static CustomObjectsApi custom(CoreV1Api api) {
    return new CustomObjectsApi(api.getApiClient());
  }

  /**
   * The document of a resource; empty if the resource is deleted, or another resource has its name
   * now.
   */
  Optional<JsonObject> read(Resource resource) throws IOException {
    var answer =
        client.send(
            "get",
            api ->
                custom(api)
                    .getNamespacedCustomObject(
                        GROUP, VERSION, resource.namespace(), PLURAL, resource.name())
                    .buildCall(null));
    if (answer.code() == NOT_FOUND) {
      return Optional.empty();
    }
    var document = answer.orFail(name(resource) + " cannot be read").body();
    var uid = ObservedResource.text(document.getAsJsonObject("metadata"), "uid");
    return uid.equals(resource.uid()) ? Optional.of(document) : Optional.empty();
  }

  /**
   * Changes a resource.
   *
   * @param operations the operations of a JSON patch (RFC 6902)
   */
  Changed change(Resource resource, JsonArray operations) throws IOException {
    var patch = new JsonArray();
    patch.add(operation("test", "/metadata/uid", resource.uid()));
    patch.addAll(operations);
    var answer = patched(resource, patch);
    if (answer.isRight()) {
      return Changed.DONE;
    }
    if (answer.code() == NOT_FOUND) {
      return Changed.GONE;
    }
    if (isTooLarge(answer)) {
      return Changed.TOO_LARGE;
    }
    // If a test operation of the patch fails, the API server answers with 422.
    if (answer.code() == 409 || answer.code() == 422) {
      return read(resource).isPresent() ? Changed.CONFLICT : Changed.GONE;
    }
    throw new IOException(name(resource) + " cannot be changed: " + answer.message());
  }

  /** If etcd refuses a document as too large, the API server answers with an internal error. */
  private Answer patched(Resource resource, JsonArray patch) throws IOException {
    try {
      return client.send("patch", api -> patch(api, resource, patch));
    } catch (KubernetesClient.UnavailableException e) {
      if (isTooLarge(e.answer())) {
        return e.answer();
      }
      throw e;
    }
  }

  private static boolean isTooLarge(Answer answer) {
    return answer.code() == ENTITY_TOO_LARGE
        || TOO_LARGE.stream().anyMatch(answer.message()::contains);
  }

  private static Call patch(CoreV1Api api, Resource resource, JsonArray patch) throws ApiException {
    var call =
        custom(api)
            .patchNamespacedCustomObject(
                GROUP,
                VERSION,
                resource.namespace(),
                PLURAL,
                resource.name(),
                new V1Patch(patch.toString()))
            .buildCall(null);
    return KubernetesClient.patch(api, call, V1Patch.PATCH_FORMAT_JSON_PATCH, patch);
  }

  static JsonObject operation(String kind, String path, String value) {
    var operation = operation(kind, path);
    operation.addProperty("value", value);
    return operation;
  }

  static JsonObject operation(String kind, String path, JsonElement value) {
    var operation = operation(kind, path);
    operation.add("value", value);
    return operation;
  }

  private static JsonObject operation(String kind, String path) {
    var operation = new JsonObject();
    operation.addProperty("op", kind);
    operation.addProperty("path", path);
    return operation;
  }

  /** Deletes the resources of a namespace that have these labels ({@code labelSelector}). */
  void delete(String namespace, String selector) throws IOException {
    client
        .send(
            "deletecollection",
            api ->
                custom(api)
                    .deleteCollectionNamespacedCustomObject(GROUP, VERSION, namespace, PLURAL)
                    .labelSelector(selector)
                    .gracePeriodSeconds(0)
                    .propagationPolicy("Background")
                    .buildCall(null))
        .orFail("the FlyteWorkflow resources of %s cannot be deleted".formatted(namespace));
  }

  /**
   * Deletes the pods that FlytePropeller has created for a resource, and removes their finalizers.
   *
   * @return the number of these pods
   */
  int deletePodsOfPropeller(Resource resource) throws IOException {
    var selector = "execution-id=%s,!%s".formatted(resource.name(), OWN_PODS);
    var namespace = resource.namespace();
    var answer =
        client
            .send(
                "list",
                api -> api.listNamespacedPod(namespace).labelSelector(selector).buildCall(null))
            .orFail("the pods of %s cannot be listed".formatted(namespace));
    var pods = answer.body().getAsJsonArray("items");
    for (var pod : pods) {
      deletePod(pod.getAsJsonObject().getAsJsonObject("metadata"));
    }
    return pods.size();
  }

  private void deletePod(JsonObject metadata) throws IOException {
    var namespace = ObservedResource.text(metadata, "namespace");
    var name = ObservedResource.text(metadata, "name");
    if (!ObservedResource.finalizers(metadata).isEmpty()) {
      var patch = JsonParser.parseString("{\"metadata\": {\"finalizers\": null}}");
      var _ =
          client.send(
              "patch",
              api ->
                  KubernetesClient.patch(
                      api,
                      api.patchNamespacedPod(name, namespace, new V1Patch(patch.toString()))
                          .buildCall(null),
                      V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
                      patch));
    }
    var answer =
        client.send("delete", api -> api.deleteNamespacedPod(name, namespace).buildCall(null));
    if (answer.code() != NOT_FOUND) {
      answer.orFail("the pod %s/%s cannot be deleted".formatted(namespace, name));
    }
  }

  /** The namespaces whose resources are watched. */
  List<String> namespaces() throws IOException {
    if (!settings.namespace().isEmpty()) {
      return List.of(settings.namespace());
    }
    var answer =
        client
            .send("list", api -> api.listNamespace().buildCall(null))
            .orFail("the namespaces cannot be listed");
    var names = new ArrayList<String>();
    for (var namespace : answer.body().getAsJsonArray("items")) {
      names.add(namespace.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString());
    }
    return List.copyOf(names);
  }

  /** Whether the CustomResourceDefinition is in the cluster. */
  boolean isDefined() throws IOException {
    var answer = client.send("list", api -> new Requests(settings).list(api, ""));
    if (answer.code() == NOT_FOUND) {
      return false;
    }
    answer.orFail("the FlyteWorkflow resources cannot be listed");
    return true;
  }

  /** Creates the CustomResourceDefinition, unless it exists. */
  private void define(JsonObject definition) throws IOException {
    var answer =
        client.send(
            "create",
            api ->
                custom(api)
                    .createClusterCustomObject(
                        "apiextensions.k8s.io", "v1", "customresourcedefinitions", definition)
                    .buildCall(null));
    if (answer.code() != 409) {
      answer.orFail(
          "the CustomResourceDefinition of FlyteWorkflow cannot be created"
              + " (turboprop.kubernetes.create-flyteworkflow-crd)");
    }
  }

  private static String name(Resource resource) {
    return "the FlyteWorkflow %s/%s".formatted(resource.namespace(), resource.name());
  }
}
