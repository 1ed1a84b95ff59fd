package io.turboprop.resource;

import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.turboprop.resource.MalformedResourceException.Problem;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads FlyteWorkflow documents, and writes their parts. Unknown fields are ignored, as by Flyte;
 * null is the same as absent.
 */
public final class ResourceReader {
  private static final String KIND = "flyteworkflow";
  private static final String API_VERSION = "flyte.lyft.com/v1alpha1";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new MessageModule())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.FAIL))
          .serializationInclusion(Include.NON_EMPTY)
          .build();

  private ResourceReader() {}

  /**
   * Reads a document in the form of Kubernetes' API.
   *
   * @throws MalformedResourceException when it has another shape
   */
  public static FlyteWorkflow read(String json) throws MalformedResourceException {
    try {
      return read(JSON.readTree(json));
    } catch (JacksonException e) {
      throw malformed("", "is no JSON: " + e.getOriginalMessage());
    }
  }

  /**
   * Reads a document that is already parsed to a tree, for example from YAML.
   *
   * @throws MalformedResourceException when it has another shape
   */
  public static FlyteWorkflow read(JsonNode document) throws MalformedResourceException {
    var workflow = part(document, FlyteWorkflow.class);
    if (!workflow.kind().equalsIgnoreCase(KIND)) {
      throw malformed("kind", "'%s' is not %s".formatted(workflow.kind(), KIND));
    }
    if (!workflow.apiVersion().isEmpty() && !workflow.apiVersion().equals(API_VERSION)) {
      throw malformed("apiVersion", "'%s' is not %s".formatted(workflow.apiVersion(), API_VERSION));
    }
    return workflow;
  }

  /** Reads a part of a document, one of this package's records. */
  static <T> T part(JsonNode document, Class<T> kind) throws MalformedResourceException {
    if (!document.isObject()) {
      throw malformed("", "is no JSON object");
    }
    try {
      return JSON.treeToValue(document, kind);
    } catch (JsonMappingException e) {
      throw malformed(place(e.getPath()), e.getOriginalMessage());
    } catch (JacksonException e) {
      throw malformed("", e.getOriginalMessage());
    }
  }

  /** The inverse of {@link #part}. */
  static JsonNode write(Object part) {
    return JSON.valueToTree(part);
  }

  private static String place(List<JsonMappingException.Reference> path) {
    return path.stream()
        .map(step ->
            step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }

  private static MalformedResourceException malformed(String place, String reason) {
    return new MalformedResourceException(List.of(new Problem(place, reason)));
  }
}
