package io.turboprop.kubernetes.client;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.turboprop.kubernetes.client.KubernetesClient.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.Call;

/** Lists and watches the objects of one kind over the API of a cluster. */
public final class ApiObjects<T> implements WatchedObjects<T> {
  private final KubernetesClient client;
  private final String plural;
  private final Requests requests;
  private final Function<JsonObject, T> reader;

  /** Makes the two requests. */
  public interface Requests {

    /**
     * @param next the token of the page; empty for the first
     */
    Call list(CoreV1Api api, String next) throws ApiException;

    /**
     * @param timeoutSeconds after which the API server ends the watch
     */
    Call watch(CoreV1Api api, String version, int timeoutSeconds) throws ApiException;
  }

  /**
   * @param plural the name of the objects, for messages
   * @param reader reads one object
   */
  public ApiObjects(
      KubernetesClient client, String plural, Requests requests, Function<JsonObject, T> reader) {
    this.client = client;
    this.plural = plural;
    this.requests = requests;
    this.reader = reader;
  }

  @Override
  public Page<T> list(String next) throws IOException {
    var answer = client.send("list", api -> requests.list(api, next));
    if (answer.code() == KubernetesClient.GONE) {
      throw new ExpiredException(answer.message());
    }
    var body = answer.orFail("the %s cannot be listed".formatted(plural)).body();
    var metadata = body.getAsJsonObject("metadata");
    var objects = new ArrayList<T>();
    for (var object : body.getAsJsonArray("items")) {
      objects.add(reader.apply(object.getAsJsonObject()));
    }
    return new Page<>(
        List.copyOf(objects),
        metadata.get("resourceVersion").getAsString(),
        metadata.has("continue") ? metadata.get("continue").getAsString() : "");
  }

  @Override
  public void watch(String version, Consumer<Change<T>> changes) throws IOException {
    var timeout = (int) KubernetesClient.WATCH.toSeconds();
    var refused =
        client.watch(
            api -> requests.watch(api, version, timeout), line -> changes.accept(change(line)));
    if (refused.isPresent()) {
      var answer = refused.get();
      if (answer.code() == KubernetesClient.GONE) {
        throw new ExpiredException(answer.message());
      }
      answer.orFail("the %s cannot be watched".formatted(plural));
    }
  }

  private Change<T> change(JsonObject line) throws IOException {
    var object = line.getAsJsonObject("object");
    return switch (line.get("type").getAsString()) {
      case "ADDED", "MODIFIED" -> new Change.Present<>(reader.apply(object), version(object));
      case "DELETED" -> new Change.Gone<>(reader.apply(object), version(object));
      case "BOOKMARK" -> new Change.Nothing<>(version(object));
      default -> throw ended(object);
    };
  }

  private static String version(JsonObject object) {
    return object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
  }

  private IOException ended(JsonObject status) {
    var code = status.has("code") ? status.get("code").getAsInt() : 0;
    var message = new Answer(code, status).message();
    return code == KubernetesClient.GONE
        ? new ExpiredException(message)
        : new IOException("the API server ends the watch of %s: %s".formatted(plural, message));
  }
}
