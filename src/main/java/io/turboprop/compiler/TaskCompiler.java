package io.turboprop.compiler;

import com.google.protobuf.Value;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.K8sPod;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.TaskTemplate;
import java.util.List;
import java.util.regex.Pattern;

/** Compiles a task: checks its container or pod. The plugin checks tasks that have neither. */
public final class TaskCompiler {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final CompilerErrors errors = new CompilerErrors();

  private TaskCompiler() {}

  /** Compiles a task and returns all of its errors; their node ids name fields of the task. */
  public static TaskResult compile(TaskTemplate template) {
    var compiler = new TaskCompiler();
    compiler.validate(template);
    return compiler.errors.isEmpty()
        ? new TaskResult.Compiled(CompiledTask.newBuilder().setTemplate(template).build())
        : new TaskResult.Rejected(compiler.errors.toList());
  }

  private void validate(TaskTemplate template) {
    if (!template.hasId()) {
      errors.add(ErrorCode.VALUE_REQUIRED, "task", "the task has no id");
    }
    switch (template.getTargetCase()) {
      case CONTAINER -> container(template);
      case K8S_POD -> pod(template.getK8SPod());
      case SQL, TARGET_NOT_SET -> {}
    }
  }

  private void container(TaskTemplate template) {
    var container = template.getContainer();
    if (container.getImage().isEmpty()) {
      errors.add(ErrorCode.VALUE_REQUIRED, "container", "the container has no image");
    }
    if (hasVariables(template) && isWithoutCommand(container)) {
      errors.add(
          ErrorCode.VALUE_REQUIRED,
          "container",
          "a task with inputs or outputs needs a command or arguments");
    }
    quantities(container.getResources().getRequestsList());
    quantities(container.getResources().getLimitsList());
  }

  private static boolean hasVariables(TaskTemplate template) {
    return template.getInterface().getInputs().getVariablesCount() > 0
        || template.getInterface().getOutputs().getVariablesCount() > 0;
  }

  private static boolean isWithoutCommand(Container container) {
    return container.getCommandCount() == 0 && container.getArgsCount() == 0;
  }

  private void quantities(List<ResourceEntry> entries) {
    for (var entry : entries) {
      if (!Quantities.isQuantity(entry.getValue())) {
        errors.add(
            ErrorCode.UNRECOGNIZED_VALUE,
            "resources." + entry.getName(),
            "[" + entry.getValue() + "] is no quantity");
      }
    }
  }

  private void pod(K8sPod pod) {
    for (var field : List.of("containers", "initContainers")) {
      var containers = pod.getPodSpec().getFieldsMap().get(field);
      if (containers == null) {
        continue;
      }
      if (!containers.hasListValue()) {
        errors.add(ErrorCode.INVALID_VALUE, "pod_spec." + field, "the pod spec is not well-formed");
      }
      containers.getListValue().getValuesList().forEach(value -> podContainer(field, value));
    }
  }

  private void podContainer(String field, Value container) {
    var name =
        container
            .getStructValue()
            .getFieldsOrDefault("name", Value.getDefaultInstance())
            .getStringValue();
    if (!DNS_LABEL.matcher(name).matches()) {
      errors.add(
          ErrorCode.INVALID_VALUE,
          "pod_spec." + field,
          "container name [%s] is no DNS-1123 label: at most 63 lower case letters, digits and"
                  .formatted(name)
              + " inner hyphens");
    }
  }
}
