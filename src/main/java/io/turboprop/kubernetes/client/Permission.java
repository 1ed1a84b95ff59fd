package io.turboprop.kubernetes.client;

import com.google.gson.JsonObject;

/**
 * A permission at the API of a cluster.
 *
 * @param group the API group; empty for the core group
 * @param resource the plural name of the resource, as {@code pods}
 * @param namespace empty for all namespaces
 */
public record Permission(String verb, String group, String resource, String namespace) {

  /** The question whether the account that asks has this permission. */
  JsonObject review() {
    var attributes = new JsonObject();
    attributes.addProperty("verb", verb);
    attributes.addProperty("group", group);
    attributes.addProperty("resource", resource);
    attributes.addProperty("namespace", namespace);
    var spec = new JsonObject();
    spec.add("resourceAttributes", attributes);
    var review = new JsonObject();
    review.addProperty("apiVersion", "authorization.k8s.io/v1");
    review.addProperty("kind", "SelfSubjectAccessReview");
    review.add("spec", spec);
    return review;
  }

  /** The permission as text, such as "list pods" or "get flyteworkflows.flyte.lyft.com in team". */
  @Override
  public String toString() {
    return "%s %s%s%s"
        .formatted(
            verb,
            resource,
            group.isEmpty() ? "" : "." + group,
            namespace.isEmpty() ? "" : " in " + namespace);
  }
}
