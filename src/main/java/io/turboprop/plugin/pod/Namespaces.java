package io.turboprop.plugin.pod;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.turboprop.data.ExecutionId;
import io.turboprop.kubernetes.client.ApiResources;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.KubernetesClient.Answer;
import io.turboprop.plugin.pod.NamespaceTemplates.Template;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * Creates the namespaces of a cluster with what the templates give them, before their first pod,
 * and applies the templates again from time to time, as the cluster resource controller of
 * FlyteAdmin does. Attempts that need a namespace at the same time share the requests for it.
 */
final class Namespaces {
  /** The API server notes under this name which fields of an object the templates set. */
  private static final String MANAGER = "turboprop";

  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final ApiResources resources;
  private final PodSettings.NamespaceCreation settings;
  private final NamespaceTemplates templates;
  private final BiFunction<String, String, Map<String, String>> attributes;
  private final Duration pauseAfterProblem;
  private final Clock clock;
  private final Map<String, Preparation> prepared = new ConcurrentHashMap<>();

  /**
   * The state of a namespace.
   *
   * @param problem why it is not ready; empty when it is
   * @param until when it is looked at again
   */
  private record Preparation(CompletableFuture<Optional<String>> problem, Instant until) {
    boolean counts(Instant now) {
      return !problem.isDone() || now.isBefore(until);
    }
  }

  /**
   * @param attributes the values that a project and a domain have for the variables of templates
   */
  Namespaces(
      KubernetesClient client,
      PodSettings settings,
      BiFunction<String, String, Map<String, String>> attributes,
      Clock clock) {
    this.client = client;
    this.resources = new ApiResources(client, MANAGER);
    this.settings = settings.cluster().namespaces();
    this.templates = this.settings.templates();
    this.attributes = attributes;
    this.pauseAfterProblem = settings.watching().retry().max();
    this.clock = clock;
  }

  /**
   * Makes a namespace ready for a pod, if templates say what it needs. Blocks.
   *
   * @return why the namespace is not ready; empty when it is
   * @throws IOException when the API server does not answer
   */
  Optional<String> prepare(ExecutionId execution, String namespace) throws IOException {
    return templates.all().isEmpty() ? Optional.empty() : ready(execution, namespace);
  }

  /**
   * Makes a namespace anew of which the API server says that it is not there, if the settings allow
   * it. Blocks.
   *
   * @return why the namespace can't be made; empty when it is there
   * @throws IOException when the API server does not answer
   */
  Optional<String> recreate(ExecutionId execution, String namespace) throws IOException {
    prepared.computeIfPresent(namespace, (_, known) -> known.problem().isDone() ? null : known);
    return ready(execution, namespace);
  }

  /** Whether a namespace that is missing is created. */
  boolean areCreated() {
    return settings.enabled();
  }

  private Optional<String> ready(ExecutionId execution, String namespace) throws IOException {
    var now = clock.instant();
    var own = new Preparation(new CompletableFuture<>(), now.plus(settings.applyAgainAfter()));
    var current =
        prepared.compute(namespace, (_, known) -> known != null && known.counts(now) ? known : own);
    if (current.equals(own)) {
      make(execution, namespace, own);
    }
    return result(current);
  }

  private void make(ExecutionId execution, String namespace, Preparation own) {
    try {
      var problem = apply(execution, namespace);
      if (problem.isPresent()) {
        prepared.replace(
            namespace,
            own,
            new Preparation(own.problem(), clock.instant().plus(pauseAfterProblem)));
      }
      own.problem().complete(problem);
    } catch (IOException | RuntimeException e) {
      prepared.remove(namespace, own);
      own.problem().completeExceptionally(e);
    }
  }

  private static Optional<String> result(Preparation preparation) throws IOException {
    try {
      return preparation.problem().join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException silent -> throw new IOException(silent.getMessage(), silent);
        case RuntimeException bug -> throw bug;
        case null, default -> throw e;
      }
    }
  }

  private Optional<String> apply(ExecutionId execution, String namespace) throws IOException {
    var values = values(execution, namespace);
    for (var template : templates.all()) {
      var missing = template.missing(values);
      if (!missing.isEmpty()) {
        return notReady(
            namespace,
            template,
            "there is no value for %s: set one in %s.namespace-templates.values, or as a CLUSTER_RESOURCE attribute of the project"
                .formatted(String.join(", ", missing), PodSettings.SECTION));
      }
    }
    if (!templates.makeNamespace()) {
      var created = create(namespace);
      if (!created.isRight() && created.code() != CONFLICT) {
        return Optional.of(
            "the namespace %s cannot be created: %s".formatted(namespace, created.message()));
      }
    }
    for (var template : templates.all()) {
      var problem = apply(namespace, template, template.render(values));
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private Answer create(String name) throws IOException {
    var namespace = new V1Namespace().metadata(new V1ObjectMeta().name(name));
    return client.send("create", api -> api.createNamespace(namespace).buildCall(null));
  }

  /** The values of variables, the more specific ones above the others. */
  private Map<String, String> values(ExecutionId execution, String namespace) {
    var values = new HashMap<>(settings.values());
    values.putAll(settings.domainValues().getOrDefault(execution.domain(), Map.of()));
    if (!templates.all().isEmpty()) {
      values.putAll(attributes.apply(execution.project(), execution.domain()));
    }
    values.put("project", execution.project());
    values.put("domain", execution.domain());
    values.put("namespace", namespace);
    return values;
  }

  private Optional<String> apply(String namespace, Template template, JsonObject object)
      throws IOException {
    var resource = resources.find(template.kind());
    if (resource.isEmpty()) {
      return notReady(
          namespace,
          template,
          "the cluster does not know %s of %s"
              .formatted(template.kind().name(), template.kind().apiVersion()));
    }
    var answer = resources.apply(resource.get(), namespace, object);
    return answer.isRight()
        ? Optional.empty()
        : notReady(
            namespace,
            template,
            "%s cannot be applied: %s".formatted(template.kind().name(), answer.message()));
  }

  private static Optional<String> notReady(String namespace, Template template, String problem) {
    return Optional.of(
        "the namespace %s is not ready for pods: template %s: %s"
            .formatted(namespace, template.place(), problem));
  }
}
