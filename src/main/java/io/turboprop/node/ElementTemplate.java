package io.turboprop.node;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;

/** Adapts a map task's template to a single element of the array. */
final class ElementTemplate {
  private static final int VERSION = 2;

  private ElementTemplate() {}

  /** An element makes a single item of each output that the task declares as a list. */
  static TaskTemplate of(TaskTemplate declared, Encoding encoding) {
    return switch (encoding) {
      case ARRAY_NODE -> withoutLists(declared).build();
      case ARRAY_NODE_OF_PLAIN_TASK -> declared;
      case CONTAINER_ARRAY ->
          withoutLists(declared)
              .setType(declared.hasK8SPod() ? "sidecar" : "container")
              .setTaskTypeVersion(VERSION)
              .build();
    };
  }

  private static TaskTemplate.Builder withoutLists(TaskTemplate declared) {
    var outputs = VariableMap.newBuilder();
    declared
        .getInterface()
        .getOutputs()
        .getVariablesMap()
        .forEach((name, variable) -> outputs.putVariables(name, withoutList(variable)));
    var template = declared.toBuilder();
    template.getInterfaceBuilder().setOutputs(outputs);
    return template;
  }

  private static Variable withoutList(Variable variable) {
    return variable.getType().hasCollectionType()
        ? variable.toBuilder().setType(variable.getType().getCollectionType()).build()
        : variable;
  }
}
