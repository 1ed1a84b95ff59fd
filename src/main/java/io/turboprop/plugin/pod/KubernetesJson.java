package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.turboprop.plugin.container.TaskSpecificationException;

/** Objects of Kubernetes and their JSON. */
final class KubernetesJson {
  private KubernetesJson() {}

  /** The JSON of an object of Kubernetes. */
  static JsonObject of(Object kubernetesObject) {
    return JSON.getGson().toJsonTree(kubernetesObject).getAsJsonObject();
  }

  /**
   * The object of some JSON.
   *
   * @throws IllegalArgumentException when a field is unknown, missing or of another type; the
   *     message names it
   */
  static <T> T read(JsonElement json, Class<T> type) {
    try {
      return withoutOverhead(JSON.getGson().fromJson(json, type));
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * The client makes an empty {@code overhead} for each pod that it reads or creates, and the API
   * server refuses pods whose overhead is not that of their runtime class.
   */
  private static <T> T withoutOverhead(T read) {
    switch (read) {
      case V1PodSpec spec -> spec.setOverhead(null);
      case V1PodTemplateSpec template when template.getSpec() != null ->
          template.getSpec().setOverhead(null);
      default -> {}
    }
    return read;
  }

  /**
   * The pod that a task's template holds.
   *
   * @throws TaskSpecificationException when it is no pod
   */
  static V1PodSpec podSpec(Struct struct) throws TaskSpecificationException {
    try {
      return read(json(struct), V1PodSpec.class);
    } catch (IllegalArgumentException e) {
      throw TaskSpecificationException.badSpecification(
          "the task's pod is not one that Kubernetes knows: " + e.getMessage());
    }
  }

  private static JsonObject json(Struct struct) {
    var object = new JsonObject();
    struct.getFieldsMap().forEach((name, value) -> object.add(name, json(value)));
    return object;
  }

  private static JsonElement json(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> JsonNull.INSTANCE;
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> new JsonPrimitive(value.getStringValue());
      case BOOL_VALUE -> new JsonPrimitive(value.getBoolValue());
      case STRUCT_VALUE -> json(value.getStructValue());
      case LIST_VALUE -> {
        var list = new JsonArray();
        value.getListValue().getValuesList().forEach(element -> list.add(json(element)));
        yield list;
      }
    };
  }

  /** A struct knows only floating point; Kubernetes' numbers are whole ones. */
  private static JsonPrimitive number(double number) {
    var whole = (long) number;
    return whole == number ? new JsonPrimitive(whole) : new JsonPrimitive(number);
  }
}
