package io.turboprop.plugin.pod;

import flyteidl.core.Security.Secret;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.turboprop.data.DataReference;
import io.turboprop.plugin.EngineRecords;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.CommandTemplates;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the pod of an attempt of a task, by Flyte's rules in Flyte's order. The same attempt and
 * settings give the same pod, byte for byte.
 */
final class PodBuilder {
  private final PodSettings settings;
  private final PodTemplates templates;
  private final PodMetadata metadata;
  private final PodOwners owners;
  private final PodVariables variables;
  private final EngineRecords records;
  private final PodScheduling scheduling;
  private final PodExtendedResources extended;
  private final CoPilotContainers coPilot;

  /**
   * @param records says which resource a pod belongs to, and what its project sets
   * @param apiEndpoint {@code http://host:port} of the engine's API, where the settings name none
   * @param base the root of the blob store
   * @param store the variables by which tasks reach the blob store
   * @param engine the environment variables of the engine's process
   */
  PodBuilder(
      PodSettings settings,
      PodTemplates templates,
      EngineRecords records,
      String apiEndpoint,
      DataReference base,
      Map<String, String> store,
      Map<String, String> engine) {
    this.settings = settings;
    this.templates = templates;
    this.records = records;
    this.metadata = new PodMetadata(settings);
    this.owners = new PodOwners(settings.cluster().access(), records);
    this.variables =
        new PodVariables(
            settings.variables(),
            settings.apiEndpoint().isEmpty() ? apiEndpoint : settings.apiEndpoint(),
            settings.consoleUrl(),
            store,
            engine);
    this.scheduling = new PodScheduling(settings.scheduling());
    this.extended = new PodExtendedResources(settings.gpu());
    this.coPilot =
        new CoPilotContainers(
            settings.coPilot(), CoPilotStorage.flags(settings.coPilot().storage(), base, store));
  }

  PodKey key(TaskContext task) {
    return metadata.key(task);
  }

  /**
   * The pod of an attempt. May block.
   *
   * @throws TaskSpecificationException when the task does not describe a pod; another attempt would
   *     not help
   * @throws IOException when the store or the cluster does not answer
   */
  V1Pod build(TaskContext task) throws TaskSpecificationException, IOException {
    var pod = TaskPod.of(task, settings.imagePullPolicy());
    var spec = pod.spec();
    var base = base(task);
    var primary = pod.primaryContainer();
    var secrets = secrets(task);
    customize(pod, task, base);
    var own = metadata.of(task, pod, base, secrets);
    owners.of(task, key(task)).ifPresent(own::addOwnerReferencesItem);
    if (pod.data().getEnabled()) {
      coPilot.addTo(spec, primary, pod.data(), task);
    }
    decorate(spec, primary, task);
    if (settings.secrets() == PodSettings.SecretSource.KUBERNETES) {
      PodSecrets.inject(spec, secrets);
    }
    var whole =
        base.map(below -> below.below(spec, pod.primary(), coPilot.downloader())).orElse(spec);
    var primaryOfWhole = named(whole, pod.primary());
    extended.apply(whole, primaryOfWhole, task);
    if (!task.overrides().getContainerImage().isEmpty()) {
      primaryOfWhole.setImage(task.overrides().getContainerImage());
    }
    return new V1Pod().apiVersion("v1").kind("Pod").metadata(own).spec(whole);
  }

  private Optional<BasePodTemplate> base(TaskContext task)
      throws TaskSpecificationException, IOException {
    var wanted = task.template().getMetadata().getPodTemplateName();
    var base = settings.baseTemplate();
    var name = wanted.isEmpty() ? base.name() : wanted;
    if (name.isEmpty()) {
      return Optional.empty();
    }
    var namespace = key(task).namespace();
    var found = templates.find(namespace, name);
    if (found.isEmpty() && !base.namespace().isEmpty()) {
      found = templates.find(base.namespace(), name);
    }
    if (found.isEmpty() && !wanted.isEmpty()) {
      throw TaskSpecificationException.badSpecification(
          "PodTemplate '%s' does not exist in namespace '%s'%s"
              .formatted(
                  wanted,
                  namespace,
                  base.namespace().isEmpty() ? "" : " or '" + base.namespace() + "'"));
    }
    return found;
  }

  /** The secrets that the task asks for. */
  private static List<Secret> secrets(TaskContext task) {
    return task.template().getSecurityContext().getSecretsList();
  }

  /** Fills in command lines, variables and resources of the task's containers. */
  private void customize(TaskPod pod, TaskContext task, Optional<BasePodTemplate> base)
      throws TaskSpecificationException, IOException {
    var commands = new CommandTemplates(task, key(task).namespace());
    var gpu = settings.gpu().resourceName();
    var resources =
        new PodResources(
            PodResources.platform(settings.resources(), gpu, records.taskResources(task)), gpu);
    var overrides = PodResources.declared(task.overrides().getResources());
    var spec = pod.spec();
    for (var container : spec.getInitContainers()) {
      fill(container, commands, task);
      container.setResources(
          resources.merged(overrides, container.getResources(), Optional.empty()));
    }
    for (var container : spec.getContainers()) {
      fill(container, commands, task);
      var isPrimary = container.getName().equals(pod.primary());
      var below = base.flatMap(template -> template.resources(container.getName(), isPrimary));
      container.setResources(
          isPrimary
              ? resources.merged(overrides, container.getResources(), below)
              : resources.bounded(container.getResources(), below));
    }
  }

  private void fill(V1Container container, CommandTemplates commands, TaskContext task)
      throws TaskSpecificationException, IOException {
    container.setCommand(commands.render(container.getCommand()));
    container.setArgs(commands.render(container.getArgs()));
    variables.addTo(container, task);
  }

  private void decorate(V1PodSpec pod, V1Container primary, TaskContext task) {
    if (isUnset(pod.getRestartPolicy())) {
      pod.setRestartPolicy("Never");
    }
    serviceAccount(task)
        .filter(_ -> isUnset(pod.getServiceAccountName()))
        .ifPresent(pod::setServiceAccountName);
    scheduling.apply(pod, task.interruptible());
    var security = settings.security();
    if (pod.getSecurityContext() == null) {
      security.pod().ifPresent(pod::setSecurityContext);
    }
    if (pod.getDnsConfig() == null) {
      security.dns().ifPresent(pod::setDnsConfig);
    }
    security.hostNetwork().ifPresent(pod::setHostNetwork);
    if (primary.getSecurityContext() == null) {
      security.container().ifPresent(primary::setSecurityContext);
    }
  }

  /** The service account of the execution, else that of the task. */
  private static Optional<String> serviceAccount(TaskContext task) {
    return Stream.of(task.securityContext(), task.template().getSecurityContext())
        .map(security -> security.getRunAs().getK8SServiceAccount())
        .filter(account -> !account.isEmpty())
        .findFirst();
  }

  private static V1Container named(V1PodSpec pod, String name) {
    return pod.getContainers().stream()
        .filter(container -> container.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isUnset(@Nullable String text) {
    return text == null || text.isEmpty();
  }
}
