package io.turboprop.admin.executions;

import com.google.protobuf.Timestamp;
import flyteidl.core.Metrics.Span;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.store.ChildTables;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.ListQuery;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.TaskExecutionRow;
import io.turboprop.store.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of an execution has gone: spans for the execution, its nodes, their attempts and
 * the executions that they have started, each with what came before and after its parts. What has
 * not ended has no end.
 */
final class ExecutionSpans {
  private static final ListQuery ALL =
      new ListQuery(List.of(), List.of(new Order("created_at", true)), Lists.LIMIT_MAX, 0);

  private final NodeExecutionTables nodes;
  private final ExecutionTables executions;
  private final ChildTables children;

  ExecutionSpans(NodeExecutionTables nodes, ExecutionTables executions, ChildTables children) {
    this.nodes = nodes;
    this.executions = executions;
    this.children = children;
  }

  /**
   * @param depth how many levels of nodes and of executions below this one; none when it is 0
   */
  public Span of(ExecutionRow row, int depth) {
    var id = row.accepted().id();
    var moments = row.moments();
    var parts =
        depth > 0 ? nodes.list(row.accepted().number(), null, ALL) : List.<NodeExecutionRow>of();
    var span = span(moments).setWorkflowId(ExecutionMessages.id(id));
    operation("WORKFLOW_SETUP", moments.createdAt(), first(parts).or(() -> started(moments)))
        .ifPresent(span::addSpans);
    parts.forEach(part -> span.addSpans(node(id, part, depth - 1)));
    operation("WORKFLOW_TEARDOWN", last(parts).orElse(null), ended(moments))
        .ifPresent(span::addSpans);
    return span.build();
  }

  private Span node(ExecutionId id, NodeExecutionRow row, int depth) {
    var moments = row.moments();
    var span = span(moments).setNodeId(NodeMessages.id(id, row.nodeId()));
    operation("NODE_SETUP", moments.createdAt(), started(moments)).ifPresent(span::addSpans);
    var inner = new ArrayList<Instant>();
    for (var task : nodes.listTasks(row.execution(), row.nodeId(), ALL)) {
      span.addSpans(task(id, task));
      ended(task.moments()).ifPresent(inner::add);
    }
    if (row.parent() && depth > 0) {
      for (var child : nodes.list(row.execution(), row.nodeId(), ALL)) {
        span.addSpans(node(id, child, depth - 1));
        ended(child.moments()).ifPresent(inner::add);
      }
    }
    if (depth > 0) {
      child(id, row)
          .ifPresent(child -> {
            span.addSpans(of(child, depth - 1));
            ended(child.moments()).ifPresent(inner::add);
          });
    }
    var lastEnd = inner.stream().max(Instant::compareTo);
    operation("NODE_TEARDOWN", lastEnd.orElse(null), ended(moments)).ifPresent(span::addSpans);
    return span.build();
  }

  /** The execution that a node has started; it is named after it, and knows whose it is. */
  private Optional<ExecutionRow> child(ExecutionId id, NodeExecutionRow row) {
    var name = Naming.childExecutionName(id.name(), row.nodeId(), row.attempt());
    var child = new ExecutionId(id.project(), id.domain(), name);
    return children
        .find(child)
        .filter(found -> Long.valueOf(row.execution()).equals(found.parent()))
        .flatMap(_ -> executions.find(child));
  }

  private static Span task(ExecutionId id, TaskExecutionRow row) {
    var moments = row.moments();
    var span = span(moments).setTaskId(NodeMessages.taskId(id, row));
    operation("TASK_SETUP", moments.createdAt(), started(moments)).ifPresent(span::addSpans);
    operation("TASK_RUNTIME", moments.startedAt(), ended(moments)).ifPresent(span::addSpans);
    return span.build();
  }

  private static Optional<Instant> first(List<NodeExecutionRow> rows) {
    return rows.stream()
        .map(row -> Optional.ofNullable(row.moments().createdAt()))
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  private static Optional<Instant> last(List<NodeExecutionRow> rows) {
    return rows.stream().flatMap(row -> ended(row.moments()).stream()).max(Instant::compareTo);
  }

  private static Optional<Instant> started(Timestamps moments) {
    return Optional.ofNullable(moments.startedAt());
  }

  private static Optional<Instant> ended(Timestamps moments) {
    return Optional.ofNullable(moments.endedAt());
  }

  private static Span.Builder span(Timestamps moments) {
    var span = Span.newBuilder();
    var createdAt = moments.createdAt();
    if (createdAt != null) {
      span.setStartTime(Identifiers.timestamp(createdAt));
    }
    ended(moments).map(Identifiers::timestamp).ifPresent(span::setEndTime);
    return span;
  }

  private static Optional<Span> operation(
      String name, @Nullable Instant from, Optional<Instant> to) {
    if (from == null || to.isEmpty()) {
      return Optional.empty();
    }
    Timestamp start = Identifiers.timestamp(from);
    return Optional.of(
        Span.newBuilder()
            .setOperationId(name)
            .setStartTime(start)
            .setEndTime(Identifiers.timestamp(to.orElseThrow()))
            .build());
  }
}
