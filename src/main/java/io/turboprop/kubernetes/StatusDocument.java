package io.turboprop.kubernetes;

import com.google.gson.JsonObject;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.ResourceTables.Behind;
import io.turboprop.store.ResourceTables.StatusNode;
import io.turboprop.workflow.plan.NodeKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the status of a resource from the rows of its execution. As in FlytePropeller, nodes that
 * have ended keep only their phase, end and error, and the nodes inside them are left out.
 *
 * <p>A status that would be too large leaves nodes out, the least important first, and its message
 * says how many.
 */
final class StatusDocument {
  private static final int MESSAGE_BYTES_MAX = 1024;
  private static final int NODE_ERROR_BYTES_MAX = 4 * 1024;
  private static final int ERROR_BYTES_MAX = 64 * 1024;

  /** The error, and the message, may each take this fraction (1/n) of the size. */
  private static final int PART = 4;

  /** The key under which FlytePropeller puts the status of a dynamic task's nodes. */
  private static final String DYNAMIC = "dynamic-node";

  private final Behind execution;
  private final Function<NodePath, Optional<NodeKind>> kinds;
  private final int bytesMax;
  private final JsonObject nodeStatus = new JsonObject();

  /** The status of each node that is shown, by the node's id as clients see it. */
  private final Map<String, Shown> shown = new HashMap<>();

  private int leftOut;

  /** A node's row, its kind (empty if unknown) and its status. */
  private record Shown(StatusNode node, Optional<NodeKind> kind, JsonObject status) {}

  private StatusDocument(
      Behind execution, Function<NodePath, Optional<NodeKind>> kinds, int bytesMax) {
    this.execution = execution;
    this.kinds = kinds;
    this.bytesMax = bytesMax;
  }

  /**
   * The status.
   *
   * @param nodes the most important first; the node around a node may follow it in the list
   * @param nodeCount how many nodes the status would show without a limit; at least the size of
   *     {@code nodes}
   * @param kinds finds the kind of a node; empty when its plan was deleted
   * @param dataDir the execution's folder in the blob store
   * @param bytesMax the approximate limit of the status's size
   */
  static JsonObject of(
      Behind execution,
      List<StatusNode> nodes,
      int nodeCount,
      Function<NodePath, Optional<NodeKind>> kinds,
      String dataDir,
      int bytesMax) {
    return new StatusDocument(execution, kinds, bytesMax).status(nodes, nodeCount, dataDir);
  }

  /** The status of a resource that can't become an execution. */
  static JsonObject refused(ExecutionError error, Instant now) {
    var status = new JsonObject();
    status.addProperty("phase", StatusPhases.FAILED);
    put(status, "startedAt", now);
    put(status, "stoppedAt", now);
    put(status, "lastUpdatedAt", now);
    putMessage(status, error.message());
    status.add("error", error(error, ERROR_BYTES_MAX));
    status.addProperty("defVersion", 1);
    return status;
  }

  /** The status of a resource that was deleted before it became an execution. */
  static JsonObject aborted(Instant now) {
    var status = new JsonObject();
    status.addProperty("phase", StatusPhases.ABORTED);
    put(status, "stoppedAt", now);
    put(status, "lastUpdatedAt", now);
    putMessage(status, "Workflow aborted.");
    return status;
  }

  private JsonObject status(List<StatusNode> nodes, int nodeCount, String dataDir) {
    var status = new JsonObject();
    var phase = StatusPhases.workflow(WorkflowExecution.Phase.forNumber(execution.phase()));
    status.addProperty("phase", phase);
    put(status, "startedAt", execution.moments().startedAt());
    put(status, "stoppedAt", execution.moments().endedAt());
    put(status, "lastUpdatedAt", execution.moments().updatedAt());
    status.addProperty("dataDir", dataDir);
    if (execution.outputs() instanceof Values.Stored(var place)) {
      status.addProperty("outputRef", place.uri());
    }
    status.addProperty("defVersion", 1);
    if (execution.error() instanceof ExecutionError error) {
      status.add("error", error(error, Math.min(ERROR_BYTES_MAX, bytesMax / PART)));
    }
    addNodes(nodes, bytesMax - size(status) - messageBytesMax());
    status.add("nodeStatus", nodeStatus);
    putMessage(status, message(phase, leftOut + nodeCount - nodes.size()));
    return status;
  }

  private String message(int phase, int leftOut) {
    var message = new StringBuilder();
    if (execution.parked() instanceof String reason) {
      message.append("The engine has parked the execution and will retry it: ").append(reason);
    } else if (phase == StatusPhases.ABORTED && execution.abortCause() instanceof String cause) {
      message.append(cause);
    } else if (execution.error() instanceof ExecutionError error) {
      message.append(error.message());
    }
    var end =
        leftOut == 0
            ? ""
            : "%s%d nodes are left out of this status, which would be too large"
                .formatted(message.isEmpty() ? "" : "; ", leftOut);
    return cut(message.toString(), messageBytesMax() - end.length()) + end;
  }

  private int messageBytesMax() {
    return Math.min(MESSAGE_BYTES_MAX, bytesMax / PART);
  }

  /** Adds nodes, the most important first, until the size is used up. */
  private void addNodes(List<StatusNode> nodes, int bytesMax) {
    var room = bytesMax;
    var chosen = new HashMap<String, StatusNode>();
    for (var node : nodes) {
      room -= size(status(node, Optional.empty())) + node.path().nodeId().length() + 8;
      if (room < 0) {
        break;
      }
      chosen.put(node.nodeId(), node);
    }
    chosen.values().forEach(node -> show(node, chosen));
    leftOut += nodes.size() - chosen.size();
  }

  /** Adds a node, after the node around it. Empty if the node around it is left out. */
  private Optional<Shown> show(StatusNode node, Map<String, StatusNode> chosen) {
    var before = shown.get(node.nodeId());
    if (before != null) {
      return Optional.of(before);
    }
    var place = place(node, chosen);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    var kind = kinds.apply(node.path());
    var added = new Shown(node, kind, status(node, kind));
    shown.put(node.nodeId(), added);
    place.orElseThrow().add(node.path().nodeId(), added.status());
    return Optional.of(added);
  }

  /** The JSON object that holds a node's status. Arms of a branch are beside the branch itself. */
  private Optional<JsonObject> place(StatusNode node, Map<String, StatusNode> chosen) {
    if (node.parentId() == null) {
      return Optional.of(nodeStatus);
    }
    var around = chosen.get(node.parentId());
    if (around == null) {
      leftOut++;
      return Optional.empty();
    }
    return show(around, chosen)
        .flatMap(parent ->
            switch (parent.kind().orElse(null)) {
              case NodeKind.Branch _ -> place(parent.node(), chosen);
              case NodeKind.SubWorkflow _ -> Optional.of(child(parent.status(), "subNodeStatus"));
              case NodeKind.Task _ -> Optional.of(ofDynamic(parent));
              case NodeKind.Array _,
                  NodeKind.Start _,
                  NodeKind.End _,
                  NodeKind.LaunchPlan _,
                  NodeKind.Gate _ ->
                  Optional.empty();
              case null -> Optional.empty();
            });
  }

  private static JsonObject ofDynamic(Shown parent) {
    var dynamic = child(child(parent.status(), "subNodeStatus"), DYNAMIC);
    dynamic.addProperty("phase", parent.status().get("phase").getAsInt());
    dynamic.addProperty("parentNode", parent.node().path().nodeId());
    return child(dynamic, "subNodeStatus");
  }

  private static JsonObject child(JsonObject of, String name) {
    if (!of.has(name)) {
      of.add(name, new JsonObject());
    }
    return of.getAsJsonObject(name);
  }

  private JsonObject status(StatusNode node, Optional<NodeKind> kind) {
    var status = new JsonObject();
    var phase = StatusPhases.node(NodeExecution.Phase.forNumber(node.phase()));
    if (phase != 0) {
      status.addProperty("phase", phase);
    }
    put(status, "stoppedAt", node.moments().endedAt());
    if (node.attempt() > 0) {
      status.addProperty("attempts", node.attempt());
    }
    if (node.error() instanceof ExecutionError error) {
      status.add("error", error(error, NODE_ERROR_BYTES_MAX));
    }
    parentOfArm(node).ifPresent(branch -> status.addProperty("parentNode", branch));
    if (!StatusPhases.isTerminalNode(phase)) {
      putRunning(status, node);
      kind.ifPresent(known -> putHandler(status, known, phase));
    }
    return status;
  }

  private Optional<String> parentOfArm(StatusNode node) {
    return node.path()
        .parent()
        .filter(parent -> kinds.apply(parent).filter(NodeKind.Branch.class::isInstance).isPresent())
        .map(NodePath::nodeId);
  }

  private static void putRunning(JsonObject status, StatusNode node) {
    put(status, "queuedAt", node.moments().createdAt());
    put(status, "startedAt", node.moments().startedAt());
    put(status, "laStartedAt", node.moments().startedAt());
    put(status, "lastUpdatedAt", node.moments().updatedAt());
    if (node.error() instanceof ExecutionError error) {
      putMessage(status, error.message());
    }
    if (node.taskPhase() instanceof Integer number) {
      var task = new JsonObject();
      task.addProperty("phase", StatusPhases.task(TaskExecution.Phase.forNumber(number)));
      task.addProperty("phaseVersion", node.taskPhaseVersion());
      task.addProperty("updAt", node.moments().updatedAt().toString());
      status.add("TaskNodeStatus", task);
    }
  }

  /** Adds the state that FlytePropeller's handler of this kind keeps for a running node. */
  private static void putHandler(JsonObject status, NodeKind kind, int phase) {
    var name =
        switch (kind) {
          case NodeKind.Branch _ -> "branchStatus";
          case NodeKind.SubWorkflow _, NodeKind.LaunchPlan _ -> "workflowNodeStatus";
          case NodeKind.Gate _ -> "gateNodeStatus";
          case NodeKind.Task _, NodeKind.Array _, NodeKind.Start _, NodeKind.End _ ->
              phase == StatusPhases.node(NodeExecution.Phase.DYNAMIC_RUNNING)
                  ? "dynamicNodeStatus"
                  : "";
        };
    if (!name.isEmpty()) {
      child(status, name).addProperty("phase", 1);
    }
  }

  private static JsonObject error(ExecutionError error, int bytesMax) {
    var json = new JsonObject();
    json.addProperty("code", error.code());
    json.addProperty("message", error.trimmed(bytesMax).message());
    if (error.kind() != ExecutionError.Kind.UNKNOWN) {
      json.addProperty("kind", error.kind().name());
    }
    return json;
  }

  private static void put(JsonObject status, String name, @Nullable Instant at) {
    if (at != null) {
      status.addProperty(name, at.truncatedTo(ChronoUnit.SECONDS).toString());
    }
  }

  private static void putMessage(JsonObject status, String message) {
    if (!message.isEmpty()) {
      status.addProperty("message", cut(message, MESSAGE_BYTES_MAX));
    }
  }

  /** The first bytes of a text, in whole characters. */
  private static String cut(String text, int bytesMax) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= bytesMax) {
      return text;
    }
    var end = bytesMax;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static int size(JsonObject json) {
    return json.toString().getBytes(StandardCharsets.UTF_8).length;
  }
}
