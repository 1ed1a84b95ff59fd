package io.turboprop.kubernetes.client;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.turboprop.kubernetes.client.KubernetesClient.Answer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** Objects of any kind that a cluster knows, which are created or updated by server-side apply. */
public final class ApiResources {
  private static final MediaType APPLY = MediaType.get("application/apply-patch+yaml");
  private static final String CREDENTIALS = "BearerToken";
  private static final int NOT_FOUND = 404;

  private final KubernetesClient client;
  private final String manager;
  private final Map<Kind, ApiResource> known = new ConcurrentHashMap<>();

  /** A kind of object, such as {@code rbac.authorization.k8s.io/v1 RoleBinding}. */
  public record Kind(String apiVersion, String name) {
    /** The group of the API; empty for the core. */
    public String group() {
      var end = apiVersion.indexOf('/');
      return end < 0 ? "" : apiVersion.substring(0, end);
    }
  }

  /**
   * How the API serves the objects of a kind.
   *
   * @param plural the plural name, as in paths and permissions
   */
  public record ApiResource(Kind kind, String plural, boolean isNamespaced) {}

  /**
   * @param manager the name under which the API server notes the fields that {@link #apply} sets
   */
  public ApiResources(KubernetesClient client, String manager) {
    this.client = client;
    this.manager = manager;
  }

  /**
   * How the API serves a kind; empty when the cluster does not know it.
   *
   * @throws IOException when the API server does not answer
   */
  public Optional<ApiResource> find(Kind kind) throws IOException {
    var found = known.get(kind);
    if (found != null) {
      return Optional.of(found);
    }
    var answer = client.send("get", api -> request(api, version(api, kind).build(), "GET", null));
    if (answer.code() == NOT_FOUND) {
      return Optional.empty();
    }
    answer.orFail("the kinds of " + kind.apiVersion() + " cannot be read");
    for (var element : answer.body().getAsJsonArray("resources")) {
      var resource = element.getAsJsonObject();
      var plural = resource.get("name").getAsString();
      if (resource.get("kind").getAsString().equals(kind.name()) && !plural.contains("/")) {
        known.put(kind, new ApiResource(kind, plural, resource.get("namespaced").getAsBoolean()));
      }
    }
    return Optional.ofNullable(known.get(kind));
  }

  /**
   * Creates an object, or changes the fields of it that differ; other fields stay as they are.
   *
   * @param namespace the namespace of an object that names none; not used for objects without a
   *     namespace
   * @param object with {@code metadata.name}
   * @return the answer of the API server, which may be a refusal
   * @throws IOException when the API server does not answer
   */
  public Answer apply(ApiResource resource, String namespace, JsonObject object)
      throws IOException {
    var applied = object.deepCopy();
    var metadata = applied.getAsJsonObject("metadata");
    if (resource.isNamespaced() && !metadata.has("namespace")) {
      metadata.addProperty("namespace", namespace);
    }
    return client.send(
        "patch",
        api -> {
          var url = version(api, resource.kind());
          if (resource.isNamespaced()) {
            url.addPathSegment("namespaces")
                .addPathSegment(metadata.get("namespace").getAsString());
          }
          url.addPathSegment(resource.plural())
              .addPathSegment(metadata.get("name").getAsString())
              .addQueryParameter("fieldManager", manager)
              .addQueryParameter("force", "true");
          return request(api, url.build(), "PATCH", RequestBody.create(applied.toString(), APPLY));
        });
  }

  private static HttpUrl.Builder version(CoreV1Api api, Kind kind) {
    return HttpUrl.get(api.getApiClient().getBasePath())
        .newBuilder()
        .addPathSegment(kind.group().isEmpty() ? "api" : "apis")
        .addPathSegments(kind.apiVersion());
  }

  /** The generated client has no call for any kind, so its own call only brings credentials. */
  private static Call request(CoreV1Api api, HttpUrl url, String method, @Nullable RequestBody body)
      throws ApiException {
    ApiClient generated = api.getApiClient();
    var withCredentials =
        generated.buildCall(
            generated.getBasePath(),
            "/api",
            "GET",
            List.of(),
            List.of(),
            null,
            new HashMap<>(Map.of("Accept", "application/json")),
            new HashMap<>(),
            new HashMap<>(),
            new String[] {CREDENTIALS},
            null);
    return generated
        .getHttpClient()
        .newCall(withCredentials.request().newBuilder().url(url).method(method, body).build());
  }
}
