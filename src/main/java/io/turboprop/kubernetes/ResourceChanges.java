package io.turboprop.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.turboprop.kubernetes.FlyteWorkflows.Changed;
import io.turboprop.store.ResourceTables.Resource;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The changes that the engine makes in a resource. */
final class ResourceChanges {
  static final String COMPLETED_TIME = "completed-time";
  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd.HH").withZone(ZoneOffset.UTC);
  private static final int CONFLICTS_MAX = 5;

  private final FlyteWorkflows resources;

  ResourceChanges(FlyteWorkflows resources) {
    this.resources = resources;
  }

  /** The value of the label with the hour in which a resource has ended. */
  static String hour(Instant at) {
    return HOUR.format(at);
  }

  /** Replaces the status. */
  Changed writeStatus(Resource resource, JsonObject status) throws IOException {
    var patch = new JsonArray();
    patch.add(FlyteWorkflows.operation("add", "/status", status));
    return resources.change(resource, patch);
  }

  /** Writes the last status, adds the labels of an ended resource, and removes the finalizer. */
  Changed end(Resource resource, JsonObject status, Instant now) throws IOException {
    return change(
        resource,
        (metadata, patch) -> {
          var labels = ObservedResource.object(metadata, "labels").deepCopy();
          labels.addProperty(ResourceSettings.TERMINATION, ResourceSettings.TERMINATED);
          labels.addProperty(COMPLETED_TIME, hour(now));
          patch.add(FlyteWorkflows.operation("add", "/metadata/labels", labels));
          patch.add(
              FlyteWorkflows.operation("add", "/metadata/finalizers", finalizers(metadata, false)));
          patch.add(FlyteWorkflows.operation("add", "/status", status));
        });
  }

  /** Adds the finalizer, or removes it, and leaves the status as it is. */
  Changed setFinalizer(Resource resource, boolean wanted) throws IOException {
    return change(
        resource,
        (metadata, patch) ->
            patch.add(
                FlyteWorkflows.operation(
                    "add", "/metadata/finalizers", finalizers(metadata, wanted))));
  }

  /** The finalizers of others, and ours if it is wanted. */
  private static JsonArray finalizers(JsonObject metadata, boolean wanted) {
    var finalizers = ObservedResource.finalizers(metadata).deepCopy();
    var own = new JsonPrimitive(ObservedResource.FINALIZER);
    finalizers.remove(own);
    if (wanted) {
      finalizers.add(own);
    }
    return finalizers;
  }

  /** Adds operations for a resource with this metadata. */
  private interface Operations {
    void add(JsonObject metadata, JsonArray patch);
  }

  /** Changes a resource that has not changed since it was read, or reads it again. */
  private Changed change(Resource resource, Operations operations) throws IOException {
    for (int attempt = 1; ; attempt++) {
      var document = resources.read(resource);
      if (document.isEmpty()) {
        return Changed.GONE;
      }
      var metadata = document.orElseThrow().getAsJsonObject("metadata");
      var patch = new JsonArray();
      patch.add(
          FlyteWorkflows.operation(
              "test", "/metadata/resourceVersion", metadata.get("resourceVersion")));
      operations.add(metadata, patch);
      var changed = resources.change(resource, patch);
      if (changed != Changed.CONFLICT || attempt == CONFLICTS_MAX) {
        return changed;
      }
    }
  }
}
