package io.turboprop.console;

import com.fasterxml.jackson.core.JsonGenerator;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.event.AttemptDetails;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.store.ExecutionRow;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Explains why a node of an execution waits. The state is rebuilt from the journal, so the answer
 * is exact for the journal step that it names.
 */
final class WaitingReasons {
  /** The most nodes that one reason names. */
  private static final int NAMED_MAX = 20;

  private final ExecutionPlans plans;
  private final StateReader states;
  private final SlotQueues queues;

  WaitingReasons(ExecutionPlans plans, StateReader states, SlotQueues queues) {
    this.plans = plans;
    this.states = states;
    this.queues = queues;
  }

  /**
   * A node for which another node waits, or that holds a permit or slot for which another node
   * waits.
   */
  record NodeSummary(String path, String name, String state) {}

  /**
   * A reason.
   *
   * @param kind a word by which the page chooses the actions that it offers
   * @param at when the wait began or ends, in microseconds since 1970; 0 if there is no such time
   * @param detail a signal's id, an execution's name; empty if there is nothing to name
   * @param nodes the first of the nodes for which this node waits
   * @param count how many nodes or holders there are
   * @param holders the first of the attempts, of any execution, that hold the slots
   */
  record Reason(
      String kind,
      String text,
      long at,
      String detail,
      List<NodeSummary> nodes,
      int count,
      List<QueuePlace.Holder> holders) {
    static Reason of(String kind, String text) {
      return new Reason(kind, text, 0, "", List.of(), 0, List.of());
    }

    Reason at(Instant time) {
      return new Reason(kind, text, JsonAnswer.micros(time), detail, nodes, count, holders);
    }

    Reason detail(String detail) {
      return new Reason(kind, text, at, detail, nodes, count, holders);
    }

    Reason nodes(List<NodeSummary> all) {
      var first = all.size() > NAMED_MAX ? all.subList(0, NAMED_MAX) : all;
      return new Reason(kind, text, at, detail, first, all.size(), holders);
    }

    Reason holders(List<QueuePlace.Holder> first, int all) {
      return new Reason(kind, text, at, detail, nodes, all, first);
    }
  }

  /**
   * The reasons why this node waits; blocks.
   *
   * @throws AdminException {@code NOT_FOUND} if the execution's graphs have no such node now
   */
  JsonAnswer.Content of(ExecutionRow row, NodePath path) throws IOException {
    var plan = plans.get(row.accepted().planDigest()).plan();
    var read = states.read(row.accepted().id());
    var reasons = new ArrayList<Reason>();
    if (row.parked() != null) {
      reasons.add(
          Reason.of("parked", "The engine has parked the execution: " + row.parked().reason())
              .at(row.parked().at()));
    }
    if (row.queued()) {
      reasons.add(
          Reason.of("queued", "The execution waits: " + ProjectQueue.REASON + ".")
              .at(row.accepted().acceptedAt()));
    }
    if (!read.isCurrent()) {
      reasons.add(
          Reason.of(
              "long",
              "The history is too long to be read at once; this is step %d."
                  .formatted(read.sequenceNumber())));
    }
    reasons.addAll(
        switch (read.state()) {
          case WorkflowState.NotStarted _ ->
              List.of(
                  Reason.of(
                          "accepted",
                          "The execution is accepted; the engine has not started it yet.")
                      .at(row.accepted().acceptedAt()));
          case WorkflowState.Running running ->
              new RunningNodes(row, running, queues).reasons(path);
          case WorkflowState.Succeeding _ ->
              List.of(Reason.of("ended", "The graph has ended; its outputs are being stored."));
          case WorkflowState.Done _ ->
              List.of(
                  Reason.of(
                      "ended", "The execution of %s has ended.".formatted(plan.workflow().name())));
        });
    return json(read.sequenceNumber(), reasons);
  }

  /** The nodes of an execution that has not ended. */
  record RunningNodes(ExecutionRow row, WorkflowState.Running running, SlotQueues queues) {

    List<Reason> reasons(NodePath path) {
      var tree = running.tree();
      var graph = tree.graphOf(path);
      if (graph.isEmpty()) {
        return List.of(unopened(path));
      }
      var number = graph.get().graph().find(path.nodeId()).orElseThrow(() -> notFound(path));
      var plan = graph.get().graph().node(number);
      var reasons = new ArrayList<Reason>();
      if (tree.isStopped(path) && GraphState.isOpen(graph.get().node(number))) {
        reasons.add(Reason.of("stopping", "It is being stopped; its attempt is asked to end."));
      }
      reasons.addAll(
          switch (graph.get().node(number)) {
            case NodeState.Pending _ -> pending(path, graph.get(), number, plan);
            case Active active -> active(path, graph.get(), plan, active);
            case NodeState.Paused paused ->
                List.of(
                    Reason.of(
                            "retry",
                            "Attempt %d has failed; attempt %d begins after a pause."
                                .formatted(paused.attempt(), paused.attempt() + 1))
                        .at(paused.until()));
            case NodeState.Requeued _ -> List.of(permit());
            case NodeState.Expiring _ ->
                List.of(Reason.of("stopping", "The attempt has timed out and is being stopped."));
            case NodeState.Ended ended ->
                List.of(Reason.of("ended", "It has ended: " + ended.phase() + "."));
          });
      return reasons;
    }

    private static AdminException notFound(NodePath path) {
      return AdminException.notFound("there is no node %s now".formatted(path));
    }

    /**
     * Why the graph of a node is not open: the reason is the outermost node around it that has no
     * open graph.
     */
    private Reason unopened(NodePath path) {
      var inner = path;
      var outer = path.parent().orElseThrow();
      while (running.tree().graphOf(outer).isEmpty()) {
        inner = outer;
        outer = outer.parent().orElseThrow();
      }
      var graph = running.tree().graphOf(outer).orElseThrow();
      var number = graph.graph().find(outer.nodeId()).orElseThrow(() -> notFound(path));
      var plan = graph.graph().node(number);
      if (!mayContain(plan.kind(), inner.nodeId())) {
        throw notFound(path);
      }
      var node = graph.node(number);
      var text =
          node instanceof NodeState.Ended
              ? "Its parent node has ended."
              : "Its parent node has not started its graph yet.";
      return Reason.of("around", text).nodes(List.of(named(outer.text(), plan, node)));
    }

    /** Whether a node of this kind may open a graph with such a node. */
    private static boolean mayContain(NodeKind kind, String nodeId) {
      return switch (kind) {
        case NodeKind.SubWorkflow(_, var graph) -> graph.find(nodeId).isPresent();
        case NodeKind.Branch branch -> branch.arms().find(nodeId).isPresent();
        case NodeKind.Task _, NodeKind.Array _ -> true;
        case NodeKind.Start _, NodeKind.End _, NodeKind.LaunchPlan _, NodeKind.Gate _ -> false;
      };
    }

    private List<Reason> pending(NodePath path, GraphState graph, int number, PlanNode plan) {
      var left = upstreams(path, graph, number);
      if (!left.isEmpty()) {
        var text =
            left.size() == 1 ? "It waits for a node before it." : "It waits for nodes before it.";
        return List.of(Reason.of("upstream", text).nodes(left));
      }
      if (graph.graph().isFailureNode(plan.id())) {
        return List.of(Reason.of("failure node", "It runs only after the workflow has failed."));
      }
      if (graph.stop().isPresent()) {
        return List.of(Reason.of("stopping", "Its graph is being stopped: it will not run."));
      }
      if (graph.graph() instanceof ElementGraph) {
        return List.of(
            Reason.of(
                "elements",
                "The array already runs as many elements as it may; this one starts when another ends."));
      }
      return List.of(permit());
    }

    private Reason permit() {
      var max = row.accepted().settings().parallelismMax();
      var holders = new ArrayList<NodeSummary>();
      addHolders(running.tree().root(), "", holders);
      return Reason.of(
              "parallelism",
              max == 0
                  ? "It is ready, and starts with the execution's next step."
                  : "The execution runs at most %d nodes at once (max parallelism); %d hold a permit."
                      .formatted(max, holders.size()))
          .nodes(max == 0 ? List.of() : holders);
    }

    private static void addHolders(GraphState graph, String prefix, List<NodeSummary> holders) {
      for (int number = 0; number < graph.graph().size(); number++) {
        var node = graph.node(number);
        if (!GraphState.isOpen(node)) {
          continue;
        }
        var plan = graph.graph().node(number);
        if (Parallelism.permits(graph.graph(), plan, node) > 0) {
          holders.add(named(prefix + plan.id(), plan, node));
        }
        if (node instanceof Active active && active.inner().isPresent()) {
          var inner = prefix + plan.id() + "/" + active.attempt() + "/";
          addHolders(active.inner().get(), inner, holders);
        }
      }
    }

    private static List<NodeSummary> upstreams(NodePath path, GraphState graph, int number) {
      var left = new ArrayList<NodeSummary>();
      var prefix = path.text().substring(0, path.text().length() - path.nodeId().length());
      var nodes = graph.graph();
      for (int from = 0; from < nodes.size(); from++) {
        if (leadsTo(nodes, from, number) && !(graph.node(from) instanceof NodeState.Ended)) {
          left.add(named(prefix + nodes.node(from).id(), nodes.node(from), graph.node(from)));
        }
      }
      return left;
    }

    private static boolean leadsTo(Graph graph, int from, int to) {
      for (int index = 0; index < graph.downstreamCount(from); index++) {
        if (graph.downstream(from, index) == to) {
          return true;
        }
      }
      return false;
    }

    private static NodeSummary named(String path, PlanNode plan, NodeState node) {
      var name = plan.name().isEmpty() ? plan.id() : plan.name();
      return new NodeSummary(path, name, stateText(node));
    }

    private static String stateText(NodeState node) {
      return switch (node) {
        case NodeState.Pending _ -> "not started";
        case Active active -> active.startedAt().isPresent() ? "running" : "queued";
        case NodeState.Paused _ -> "waits for its retry";
        case NodeState.Requeued _ -> "waits for a permit";
        case NodeState.Expiring _ -> "is being stopped";
        case NodeState.Ended ended -> ended.phase().toString();
      };
    }

    private List<Reason> active(NodePath path, GraphState graph, PlanNode plan, Active active) {
      if (active.inner().isPresent()) {
        var inner = active.inner().get();
        var open = new ArrayList<NodeSummary>();
        addOpen(inner, path.text() + "/" + active.attempt() + "/", open);
        return List.of(
            Reason.of(
                    "inner",
                    "%d of its %d nodes have not ended."
                        .formatted(inner.unfinished(), inner.graph().size()))
                .nodes(open));
      }
      return List.of(
          switch (plan.kind()) {
            case NodeKind.Gate(var condition) -> gate(condition, active);
            case NodeKind.LaunchPlan _ ->
                Reason.of("child", "It waits for the end of its own execution.")
                    .detail(
                        Naming.childExecutionName(
                            row.accepted().id().name(),
                            Naming.uniqueNodeId(path),
                            active.attempt()))
                    .at(active.queuedAt());
            case NodeKind.Start _,
                NodeKind.End _,
                NodeKind.Task _,
                NodeKind.SubWorkflow _,
                NodeKind.Branch _,
                NodeKind.Array _ ->
                place(path, graph, active).orElseGet(() -> attempt(active));
          });
    }

    /** Why an attempt of a task waits for a slot; empty if it waits for none. */
    private Optional<Reason> place(NodePath path, GraphState graph, Active active) {
      if (active.progress().hasStarted() || active.finishing()) {
        return Optional.empty();
      }
      var execution = row.accepted().id();
      var node = Naming.uniqueNodeId(path);
      var name =
          graph.graph() instanceof ElementGraph
              ? Naming.generatedElementName(execution.name(), node, active.attempt())
              : Naming.generatedName(execution.name(), node, active.attempt());
      return queues
          .find(execution, name)
          .map(place ->
              Reason.of(
                      "slot",
                      "It waits for a slot: number %,d of %,d in the queue; %,d tasks hold the slots."
                          .formatted(place.ahead() + 1, place.waiting(), place.held()))
                  .holders(place.holders(), place.held())
                  .at(active.queuedAt()));
    }

    private static void addOpen(GraphState graph, String prefix, List<NodeSummary> open) {
      for (int number = 0; number < graph.graph().size() && open.size() < NAMED_MAX; number++) {
        if (GraphState.isOpen(graph.node(number))) {
          var plan = graph.graph().node(number);
          open.add(named(prefix + plan.id(), plan, graph.node(number)));
        }
      }
    }

    private static Reason gate(GateCondition condition, Active active) {
      return switch (condition) {
        case GateCondition.Sleep _ ->
            Reason.of("sleep", "It sleeps.").at(active.sleepsUntil().orElse(active.queuedAt()));
        case GateCondition.Signal signal ->
            Reason.of("signal", "It waits for a value from a person or a program.")
                .detail(signal.signalId())
                .at(active.queuedAt());
        case GateCondition.Approve(var signal) ->
            Reason.of("approve", "It waits for somebody to approve it.")
                .detail(signal)
                .at(active.queuedAt());
      };
    }

    @SuppressWarnings("deprecation") // plugins give one reason, in the field that has room for one
    private static Reason attempt(Active active) {
      var said = AttemptDetails.parse(active.progress().details()).getReason();
      if (active.progress().hasStarted()) {
        return Reason.of("running", "Its task runs" + (said.isEmpty() ? "." : ": " + said))
            .at(active.startedAt().orElse(active.queuedAt()));
      }
      if (active.finishing()) {
        return Reason.of("running", "Its graph has ended; its outputs are being gathered.");
      }
      return Reason.of(
              "queued",
              said.isEmpty()
                  ? "It is queued: the engine is preparing it."
                  : "It is queued: " + said)
          .at(active.queuedAt());
    }
  }

  private static JsonAnswer.Content json(long step, List<Reason> reasons) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("seq", step);
      json.writeArrayFieldStart("reasons");
      for (var reason : reasons) {
        write(json, reason);
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private static void write(JsonGenerator json, Reason reason) throws IOException {
    json.writeStartObject();
    json.writeStringField("kind", reason.kind());
    json.writeStringField("text", reason.text());
    if (reason.at() > 0) {
      json.writeNumberField("at", reason.at());
    }
    if (!reason.detail().isEmpty()) {
      json.writeStringField("detail", reason.detail());
    }
    json.writeNumberField("count", reason.count());
    json.writeArrayFieldStart("nodes");
    for (var node : reason.nodes()) {
      json.writeStartObject();
      json.writeStringField("path", node.path());
      json.writeStringField("name", node.name());
      json.writeStringField("state", node.state());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("holders");
    for (var holder : reason.holders()) {
      json.writeStartObject();
      json.writeStringField("project", holder.execution().project());
      json.writeStringField("domain", holder.execution().domain());
      json.writeStringField("name", holder.execution().name());
      json.writeStringField("node", holder.node().text());
      json.writeStringField("machine", holder.machine());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
