package io.turboprop.event;

import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.store.RowChange;
import io.turboprop.store.TaskExecutionChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Collects changes so that each row is changed once. Not thread-safe. */
final class RowBatch {
  private final Map<Long, ExecutionChange> executions = new LinkedHashMap<>();
  private final Map<NodeExecutionChange.Key, NodeExecutionChange> nodes = new LinkedHashMap<>();
  private final Map<TaskExecutionChange.Key, TaskExecutionChange> tasks = new LinkedHashMap<>();
  private final Map<ArrayElementChange.Key, ArrayElementChange> elements = new LinkedHashMap<>();

  void add(List<RowChange> changes) {
    changes.forEach(this::add);
  }

  void add(RowChange change) {
    switch (change) {
      case ExecutionChange execution ->
          executions.merge(execution.number(), execution, ExecutionChange::then);
      case NodeExecutionChange node -> nodes.merge(node.key(), node, NodeExecutionChange::then);
      case TaskExecutionChange task -> tasks.merge(task.key(), task, TaskExecutionChange::then);
      case ArrayElementChange element ->
          elements.merge(element.key(), element, ArrayElementChange::then);
    }
  }

  void addAll(RowBatch other) {
    other.executions.values().forEach(this::add);
    other.nodes.values().forEach(this::add);
    other.tasks.values().forEach(this::add);
    other.elements.values().forEach(this::add);
  }

  /**
   * The collected changes in the order of their executions' keys, so that two writers lock rows in
   * the same order.
   */
  Changes changes() {
    var ordered = new ArrayList<>(executions.values());
    ordered.sort((a, b) -> Long.compare(a.number(), b.number()));
    return new Changes(ordered, nodes.values(), tasks.values(), elements.values());
  }

  /** How many rows change. */
  int size() {
    return executions.size() + nodes.size() + tasks.size() + elements.size();
  }

  /** All changes of one execution. */
  List<RowChange> of(long execution) {
    return Stream.of(executions, nodes, tasks, elements)
        .<RowChange>flatMap(rows -> rows.values().stream())
        .filter(change -> change.execution() == execution)
        .toList();
  }
}
