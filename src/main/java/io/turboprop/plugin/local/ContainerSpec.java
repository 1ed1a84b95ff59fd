package io.turboprop.plugin.local;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Literals.KeyValuePair;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.DataLoadingConfig;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The command and environment of a task's container, or of its pod's primary container. A local
 * process ignores resources, volumes, node selectors and the other containers.
 *
 * @param dataConfig the default instance when the task reads and writes by itself
 */
record ContainerSpec(
    List<String> command,
    List<String> args,
    Map<String, String> environment,
    String image,
    DataLoadingConfig dataConfig) {
  private static final String PRIMARY = "primary_container_name";

  /**
   * Finds the container: the template's, or the primary container of its pod.
   *
   * @throws TaskSpecificationException when there is no container, or a pod does not name its
   *     primary container
   */
  static ContainerSpec of(TaskTemplate template) throws TaskSpecificationException {
    if (template.getType().equals("sidecar")) {
      return ofSidecar(template);
    }
    return switch (template.getTargetCase()) {
      case CONTAINER -> ofContainer(template.getContainer());
      case K8S_POD ->
          ofPod(
              template.getK8SPod().getPodSpec(),
              template.getConfigOrDefault(PRIMARY, ""),
              template.getK8SPod().getDataConfig());
      case SQL, TARGET_NOT_SET ->
          throw TaskSpecificationException.badSpecification(
              "a task of type '"
                  + template.getType()
                  + "' needs a container or a pod to run as a local process; it has "
                  + template.getTargetCase());
    };
  }

  /**
   * Whether inputs and outputs are files that the engine writes and reads ({@code
   * DataLoadingConfig.enabled}).
   */
  boolean isRaw() {
    return dataConfig.getEnabled();
  }

  /** The command and its arguments in a single list. */
  List<String> commandLine() {
    return Stream.concat(command.stream(), args.stream()).toList();
  }

  private static ContainerSpec ofContainer(Container container) {
    var environment = new LinkedHashMap<String, String>();
    for (KeyValuePair variable : container.getEnvList()) {
      environment.put(variable.getKey(), variable.getValue());
    }
    return new ContainerSpec(
        container.getCommandList(),
        container.getArgsList(),
        environment,
        container.getImage(),
        container.getDataConfig());
  }

  private static ContainerSpec ofSidecar(TaskTemplate template) throws TaskSpecificationException {
    if (template.hasK8SPod()) {
      return ofPod(
          template.getK8SPod().getPodSpec(),
          template.getConfigOrDefault(PRIMARY, ""),
          template.getK8SPod().getDataConfig());
    }
    var custom = template.getCustom();
    var none = DataLoadingConfig.getDefaultInstance();
    return template.getTaskTypeVersion() == 0
        ? ofPod(
            field(custom, "podSpec").getStructValue(),
            field(custom, "primaryContainerName").getStringValue(),
            none)
        : ofPod(custom, template.getConfigOrDefault(PRIMARY, ""), none);
  }

  private static ContainerSpec ofPod(Struct podSpec, String primary, DataLoadingConfig dataConfig)
      throws TaskSpecificationException {
    for (var container : field(podSpec, "containers").getListValue().getValuesList()) {
      var fields = container.getStructValue();
      if (!primary.isEmpty() && field(fields, "name").getStringValue().equals(primary)) {
        return new ContainerSpec(
            strings(field(fields, "command")),
            strings(field(fields, "args")),
            variables(field(fields, "env")),
            field(fields, "image").getStringValue(),
            dataConfig);
      }
    }
    throw TaskSpecificationException.badSpecification(
        "the pod has no primary container '" + primary + "'");
  }

  private static Value field(Struct struct, String name) {
    return struct.getFieldsOrDefault(name, Value.getDefaultInstance());
  }

  private static List<String> strings(Value list) {
    return list.getListValue().getValuesList().stream().map(Value::getStringValue).toList();
  }

  /**
   * The variables with a value; a variable that refers to a secret or to a field of the pod has
   * none here, and is left out.
   */
  private static Map<String, String> variables(Value list) {
    var variables = new LinkedHashMap<String, String>();
    for (var entry : list.getListValue().getValuesList()) {
      var fields = entry.getStructValue();
      if (!fields.containsFields("valueFrom")) {
        variables.put(
            field(fields, "name").getStringValue(), field(fields, "value").getStringValue());
      }
    }
    return variables;
  }
}
