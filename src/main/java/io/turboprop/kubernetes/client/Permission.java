package io.turboprop.kubernetes.client;

import com.google.gson.JsonObject;

/**
 * What an account may do at the API of a cluster.
 *
 * @param group of the API; empty for the core
 * @param resource in its plural, as {@code pods}
 * @param namespace empty for all
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

  /** As "list pods" or "get flyteworkflows.flyte.lyft.com in team". */
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
