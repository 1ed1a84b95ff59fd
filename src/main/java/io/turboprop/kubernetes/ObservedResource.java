package io.turboprop.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.turboprop.store.ResourceTables.Resource;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * The part of a resource that the watch keeps in memory; the document may be large and is left out.
 *
 * @param version the {@code resourceVersion} of this state of the resource
 * @param phase the phase in its status, with FlytePropeller's numbers
 * @param begun whether its status says that an engine has begun it
 * @param deleting whether it was deleted, and waits for its finalizers
 * @param hasFinalizer whether it has Flyte's finalizer
 */
record ObservedResource(
    Resource resource,
    String version,
    Instant createdAt,
    int phase,
    boolean begun,
    boolean deleting,
    boolean hasFinalizer) {
  /** Keeps a deleted resource until its execution has ended. */
  static final String FINALIZER = "flyte.org/finalizer";

  static ObservedResource of(JsonObject document) {
    var metadata = object(document, "metadata");
    var status = object(document, "status");
    return new ObservedResource(
        resource(metadata),
        text(metadata, "resourceVersion"),
        moment(text(metadata, "creationTimestamp")),
        status.has("phase") ? status.get("phase").getAsInt() : 0,
        status.has("startedAt") || object(status, "nodeStatus").size() > 0,
        metadata.has("deletionTimestamp"),
        finalizers(metadata).contains(new JsonPrimitive(FINALIZER)));
  }

  static Resource resource(JsonObject metadata) {
    return new Resource(
        text(metadata, "uid"), text(metadata, "namespace").intern(), text(metadata, "name"));
  }

  static JsonArray finalizers(JsonObject metadata) {
    return metadata.get("finalizers") instanceof JsonArray list ? list : new JsonArray();
  }

  static JsonObject object(JsonObject of, String field) {
    return of.get(field) instanceof JsonObject object ? object : new JsonObject();
  }

  static String text(JsonObject of, String field) {
    JsonElement value = of.get(field);
    return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
  }

  private static Instant moment(String text) {
    return text.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
  }
}
