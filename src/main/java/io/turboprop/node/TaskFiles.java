package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.data.Layout;
import io.turboprop.data.Layout.NodeFiles;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.Element;

/**
 * The files of an attempt of a task. For an element of an array, the engine's files differ from
 * those that the task reads and writes.
 *
 * @param own the files that the engine reads and writes
 * @param inputs the file that the task reads; for most array elements, the inputs of the array
 * @param outputPrefix the folder that the task writes its outputs to
 */
record TaskFiles(NodeFiles own, DataReference inputs, DataReference outputPrefix) {

  static TaskFiles of(Layout layout, Assignment assignment) {
    return assignment
        .element()
        .map(element -> ofElement(layout, assignment, element))
        .orElseGet(() -> {
          var own =
              layout.node(
                  assignment.execution().id(), assignment.path(), assignment.work().attempt());
          return new TaskFiles(own, own.inputs(), own.outputPrefix());
        });
  }

  private static TaskFiles ofElement(Layout layout, Assignment assignment, Element element) {
    var path = assignment.path();
    var array =
        layout.node(assignment.execution().id(), path.parent().orElseThrow(), path.parentAttempt());
    var attempt = assignment.work().attempt();
    var own = array.element(element.index(), attempt);
    return switch (element.array().encoding()) {
      case ARRAY_NODE -> new TaskFiles(own, array.inputs(), own.outputPrefix());
      case ARRAY_NODE_OF_PLAIN_TASK -> new TaskFiles(own, own.inputs(), own.outputPrefix());
      case CONTAINER_ARRAY -> inContainerArray(array, element.index(), attempt);
    };
  }

  /**
   * The task itself appends its index. Unlike in Flyte, each later attempt has a folder of its own,
   * so that it can't find the error of an earlier attempt.
   */
  private static TaskFiles inContainerArray(NodeFiles array, int index, int attempt) {
    var prefix =
        attempt == 0 ? array.outputPrefix() : array.outputPrefix().child("retries/" + attempt);
    var own =
        new NodeFiles(
            array.dataDirectory().child(index + "/" + attempt),
            prefix.child(String.valueOf(index)));
    return new TaskFiles(own, array.inputs(), prefix);
  }
}
