package io.turboprop.admin.transport;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A REST path of a method, from the {@code google.api.http} option in the protos.
 *
 * @param verb the HTTP method, such as {@code GET}
 * @param segments the segments of the path; a segment in braces names the field that it sets
 * @param body {@code *} when the body is the request, a field's name, or empty when there is none
 */
record HttpRoute(Rpc<?, ?> rpc, String verb, List<String> segments, String body) {

  /** The paths of a method; empty when its proto names none. */
  static List<HttpRoute> of(Rpc<?, ?> rpc) {
    if (!(rpc.method().getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
      return List.of();
    }
    var options = schema.getMethodDescriptor().getOptions();
    if (!options.hasExtension(AnnotationsProto.http)) {
      return List.of();
    }
    var rule = options.getExtension(AnnotationsProto.http);
    var routes = new ArrayList<HttpRoute>();
    routes.add(of(rpc, rule));
    rule.getAdditionalBindingsList().forEach(binding -> routes.add(of(rpc, binding)));
    return routes;
  }

  private static HttpRoute of(Rpc<?, ?> rpc, HttpRule rule) {
    return switch (rule.getPatternCase()) {
      case GET -> of(rpc, "GET", rule.getGet(), rule.getBody());
      case PUT -> of(rpc, "PUT", rule.getPut(), rule.getBody());
      case POST -> of(rpc, "POST", rule.getPost(), rule.getBody());
      case DELETE -> of(rpc, "DELETE", rule.getDelete(), rule.getBody());
      case PATCH -> of(rpc, "PATCH", rule.getPatch(), rule.getBody());
      case CUSTOM, PATTERN_NOT_SET ->
          throw new IllegalArgumentException("no path in the proto of " + rpc.name());
    };
  }

  private static HttpRoute of(Rpc<?, ?> rpc, String verb, String path, String body) {
    return new HttpRoute(rpc, verb, List.of(path.substring(1).split("/")), body);
  }

  /**
   * The values of the path's fields when the path matches.
   *
   * @param path decoded segments
   */
  Optional<Map<String, String>> match(List<String> path) {
    if (path.size() != segments.size()) {
      return Optional.empty();
    }
    var values = new LinkedHashMap<String, String>();
    for (var i = 0; i < path.size(); i++) {
      var segment = segments.get(i);
      if (segment.startsWith("{")) {
        values.put(segment.substring(1, segment.length() - 1), path.get(i));
      } else if (!segment.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }
}
