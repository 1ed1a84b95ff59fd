package io.turboprop.admin.executions;

import com.google.protobuf.Timestamp;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.Metrics.Span;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.SpanTables;
import io.turboprop.store.SpanTables.AttemptTimes;
import io.turboprop.store.SpanTables.ChildTimes;
import io.turboprop.store.SpanTables.NodeTimes;
import io.turboprop.store.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The time spans of an execution: spans for the execution, its nodes, their attempts and the child
 * executions, each with the overhead before and after its parts. The span of an unfinished
 * execution, node or attempt has no end.
 *
 * <p>Three queries read each level of executions: the execution itself, then its child executions,
 * then their children, and so on.
 */
final class ExecutionSpans {
  /** The most nodes in an answer, over all its executions. */
  static final int NODES_MAX = Lists.LIMIT_MAX;

  private final SpanTables tables;

  ExecutionSpans(SpanTables tables) {
    this.tables = tables;
  }

  /** The key of a node: its execution's row number and its id. */
  private record NodeKey(long execution, String nodeId) {}

  /** An execution whose nodes are shown, down to this depth. */
  private record Shown(long number, ExecutionId id, int depth) {}

  /** The rows of all executions in an answer. */
  private record Times(
      Map<Long, List<NodeTimes>> graphs,
      Map<NodeKey, List<NodeTimes>> inner,
      Map<NodeKey, List<AttemptTimes>> attempts,
      Map<NodeKey, ChildTimes> children) {

    Times() {
      this(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
    }

    void add(NodeTimes node) {
      var parent = node.parentId();
      if (parent == null) {
        graphs.computeIfAbsent(node.execution(), _ -> new ArrayList<>()).add(node);
      } else {
        inner
            .computeIfAbsent(new NodeKey(node.execution(), parent), _ -> new ArrayList<>())
            .add(node);
      }
    }

    void add(AttemptTimes attempt) {
      attempts
          .computeIfAbsent(
              new NodeKey(attempt.execution(), attempt.nodeId()), _ -> new ArrayList<>())
          .add(attempt);
    }

    List<NodeTimes> inner(NodeKey node) {
      return inner.getOrDefault(node, List.of());
    }
  }

  /**
   * @param depth the number of levels of nodes and executions below this execution; 0 for none,
   *     negative for all
   * @throws AdminException {@code FAILED_PRECONDITION} when these are more than {@link #NODES_MAX}
   *     nodes
   */
  Span of(ExecutionRow row, int depth) {
    var levels = depth < 0 ? Integer.MAX_VALUE : depth;
    var accepted = row.accepted();
    var times = read(new Shown(accepted.number(), accepted.id(), levels));
    return execution(times, accepted.number(), accepted.id(), row.moments(), levels);
  }

  private Times read(Shown root) {
    var times = new Times();
    var nodesLeft = NODES_MAX;
    for (var generation = List.of(root); !generation.isEmpty(); ) {
      var shown = new HashMap<Long, Shown>();
      generation.stream()
          .filter(execution -> execution.depth() > 0)
          .forEach(execution -> shown.put(execution.number(), execution));
      var nodes = shown.isEmpty() ? List.<NodeTimes>of() : nodes(shown, root, nodesLeft);
      nodesLeft -= nodes.size();
      nodes.forEach(times::add);
      generation = nodes.isEmpty() ? List.of() : readParts(times, shown, nodes);
    }
    return times;
  }

  private List<NodeTimes> nodes(Map<Long, Shown> shown, Shown root, int most) {
    var inner = shown.values().stream().anyMatch(execution -> execution.depth() > 1);
    var nodes = tables.nodes(shown.keySet(), inner, most + 1);
    if (nodes.size() > most) {
      throw new AdminException(
          Code.FAILED_PRECONDITION,
          "the metrics of %s to a depth of %d have more than %d nodes: ask for a smaller depth"
              .formatted(root.id(), root.depth(), NODES_MAX));
    }
    return nodes;
  }

  /** Reads the rows of nodes, and returns the executions that they have started. */
  private List<Shown> readParts(Times times, Map<Long, Shown> shown, List<NodeTimes> nodes) {
    var byKey = new HashMap<NodeKey, NodeTimes>();
    nodes.forEach(node -> byKey.put(new NodeKey(node.execution(), node.nodeId()), node));
    var nodeIds = nodes.stream().map(NodeTimes::nodeId).distinct().toList();
    tables.attempts(shown.keySet(), nodeIds).forEach(times::add);
    var next = new ArrayList<Shown>();
    for (var child : tables.children(shown.keySet())) {
      var key = new NodeKey(child.parent(), child.parentNodeId());
      var node = byKey.get(key);
      var parent = shown.get(child.parent());
      if (node != null && parent != null && isOfLatestAttempt(child, parent.id(), node)) {
        times.children().put(key, child);
        next.add(new Shown(child.number(), child.id(), parent.depth() - 2 - level(byKey, node)));
      }
    }
    return next;
  }

  /**
   * Each attempt of a node starts its own execution, whose name derives from the node and the
   * attempt.
   */
  private static boolean isOfLatestAttempt(ChildTimes child, ExecutionId parent, NodeTimes node) {
    return child
        .id()
        .name()
        .equals(Naming.childExecutionName(parent.name(), node.nodeId(), node.attempt()));
  }

  /** The nesting depth of a node. */
  private static int level(Map<NodeKey, NodeTimes> nodes, NodeTimes node) {
    var level = 0;
    var around = node;
    while (around != null && around.parentId() != null) {
      around = nodes.get(new NodeKey(around.execution(), around.parentId()));
      level++;
    }
    return level;
  }

  private static Span execution(
      Times times, long number, ExecutionId id, Timestamps moments, int depth) {
    var parts = depth > 0 ? times.graphs().getOrDefault(number, List.of()) : List.<NodeTimes>of();
    var span = span(moments).setWorkflowId(ExecutionMessages.id(id));
    operation("WORKFLOW_SETUP", moments.createdAt(), first(parts).or(() -> started(moments)))
        .ifPresent(span::addSpans);
    parts.forEach(part -> span.addSpans(node(times, id, part, depth - 1)));
    operation("WORKFLOW_TEARDOWN", last(parts).orElse(null), ended(moments))
        .ifPresent(span::addSpans);
    return span.build();
  }

  /** The depth of graphs is limited only by the compiler. */
  private static Span node(Times times, ExecutionId id, NodeTimes row, int depth) {
    var key = new NodeKey(row.execution(), row.nodeId());
    var moments = row.moments();
    var span = span(moments).setNodeId(NodeMessages.id(id, row.nodeId()));
    operation("NODE_SETUP", moments.createdAt(), started(moments)).ifPresent(span::addSpans);
    var ends = new ArrayList<Instant>();
    for (var attempt : times.attempts().getOrDefault(key, List.of())) {
      span.addSpans(task(id, attempt));
      ended(attempt.moments()).ifPresent(ends::add);
    }
    if (depth > 0) {
      for (var part : times.inner(key)) {
        span.addSpans(node(times, id, part, depth - 1));
        ended(part.moments()).ifPresent(ends::add);
      }
      var child = times.children().get(key);
      if (child != null) {
        span.addSpans(execution(times, child.number(), child.id(), child.moments(), depth - 1));
        ended(child.moments()).ifPresent(ends::add);
      }
    }
    var lastEnd = ends.stream().max(Instant::compareTo);
    operation("NODE_TEARDOWN", lastEnd.orElse(null), ended(moments)).ifPresent(span::addSpans);
    return span.build();
  }

  private static Span task(ExecutionId id, AttemptTimes row) {
    var moments = row.moments();
    var span =
        span(moments)
            .setTaskId(
                TaskExecutionIdentifier.newBuilder()
                    .setTaskId(row.task().toMessage())
                    .setNodeExecutionId(NodeMessages.id(id, row.nodeId()))
                    .setRetryAttempt(row.attempt()));
    operation("TASK_SETUP", moments.createdAt(), started(moments)).ifPresent(span::addSpans);
    operation("TASK_RUNTIME", moments.startedAt(), ended(moments)).ifPresent(span::addSpans);
    return span.build();
  }

  private static Optional<Instant> first(List<NodeTimes> rows) {
    return rows.stream()
        .flatMap(row -> Optional.ofNullable(row.moments().createdAt()).stream())
        .min(Instant::compareTo);
  }

  private static Optional<Instant> last(List<NodeTimes> rows) {
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
