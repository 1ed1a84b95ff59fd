package io.turboprop.console;

import com.fasterxml.jackson.core.JsonGenerator;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a plan as columns: an array per field of the nodes, and the edges as pairs of
 * numbers in one array; among them those to a branch whose arms read outputs. Graphs inside nodes
 * are nested under the number of their node.
 */
final class GraphJson {
  /** Entities by their number, in the order in which nodes first refer to them. */
  private final Map<EntityId, Integer> entities = new LinkedHashMap<>();

  /** The graph that an attempt of a dynamic node has made. */
  record Made(String path, int attempt, Graph graph) {}

  /** The execution's own graph, and those that its nodes have made at run time. */
  static JsonAnswer.Content of(Graph root, List<Made> made) {
    return json -> {
      var graphs = new GraphJson();
      json.writeStartObject();
      json.writeFieldName("root");
      graphs.graph(json, root);
      json.writeArrayFieldStart("made");
      for (var each : made) {
        json.writeStartObject();
        json.writeStringField("path", each.path());
        json.writeNumberField("attempt", each.attempt());
        json.writeFieldName("graph");
        graphs.graph(json, each.graph());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("entities");
      for (var entity : graphs.entities.keySet()) {
        json.writeStartArray();
        ExecutionJson.entity(json, entity);
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private void graph(JsonGenerator json, Graph graph) throws IOException {
    var nodes = new ArrayList<PlanNode>();
    for (int number = 0; number < graph.size(); number++) {
      nodes.add(graph.node(number));
    }
    json.writeStartObject();
    texts(json, "id", nodes, PlanNode::id);
    texts(json, "name", nodes, node -> node.name().equals(node.id()) ? null : node.name());
    texts(json, "kind", nodes, node -> kind(node.kind()));
    json.writeArrayFieldStart("entity");
    for (var node : nodes) {
      json.writeNumber(number(entity(node.kind())));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("edges");
    for (int from = 0; from < graph.size(); from++) {
      for (int index = 0; index < graph.downstreamCount(from); index++) {
        json.writeNumber(from);
        json.writeNumber(graph.downstream(from, index));
      }
      for (var branch : graph.branchesWaitingFor(from)) {
        json.writeNumber(from);
        json.writeNumber(branch);
      }
    }
    json.writeEndArray();
    json.writeNumberField("failureNode", graph.failureNode().orElse(-1));
    json.writeObjectFieldStart("details");
    for (int number = 0; number < nodes.size(); number++) {
      details(json, number, nodes.get(number).kind());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void texts(
      JsonGenerator json,
      String name,
      List<PlanNode> nodes,
      Function<PlanNode, @Nullable String> text)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (var node : nodes) {
      json.writeString(text.apply(node));
    }
    json.writeEndArray();
  }

  private int number(@Nullable EntityId entity) {
    return entity == null ? -1 : entities.computeIfAbsent(entity, _ -> entities.size());
  }

  private static String kind(NodeKind kind) {
    return switch (kind) {
      case NodeKind.Start _ -> "start";
      case NodeKind.End _ -> "end";
      case NodeKind.Task _ -> "task";
      case NodeKind.SubWorkflow _ -> "workflow";
      case NodeKind.Branch _ -> "branch";
      case NodeKind.LaunchPlan _ -> "launch plan";
      case NodeKind.Gate(GateCondition.Sleep _) -> "sleep";
      case NodeKind.Gate(GateCondition.Signal _) -> "signal";
      case NodeKind.Gate(GateCondition.Approve _) -> "approve";
      case NodeKind.Array _ -> "array";
    };
  }

  private static @Nullable EntityId entity(NodeKind kind) {
    return switch (kind) {
      case NodeKind.Task task -> task.task();
      case NodeKind.SubWorkflow subWorkflow -> subWorkflow.workflow();
      case NodeKind.LaunchPlan launchPlan -> launchPlan.launchPlan();
      case NodeKind.Array array -> entity(array.element().kind());
      case NodeKind.Start _, NodeKind.End _, NodeKind.Branch _, NodeKind.Gate _ -> null;
    };
  }

  private void details(JsonGenerator json, int number, NodeKind kind) throws IOException {
    switch (kind) {
      case NodeKind.SubWorkflow subWorkflow -> {
        json.writeObjectFieldStart(Integer.toString(number));
        json.writeFieldName("graph");
        graph(json, subWorkflow.graph());
        json.writeEndObject();
      }
      case NodeKind.Branch branch -> {
        json.writeObjectFieldStart(Integer.toString(number));
        json.writeFieldName("graph");
        graph(json, branch.arms());
        json.writeObjectFieldStart("arms");
        for (var arm : branch.cases()) {
          json.writeStringField(arm.arm(), ConditionText.of(arm.condition()));
        }
        if (branch.otherwise().isPresent()) {
          json.writeStringField(branch.otherwise().orElseThrow(), "otherwise");
        }
        json.writeEndObject();
        json.writeEndObject();
      }
      case NodeKind.Gate(var condition) -> {
        json.writeObjectFieldStart(Integer.toString(number));
        gate(json, condition);
        json.writeEndObject();
      }
      case NodeKind.Array array -> {
        json.writeObjectFieldStart(Integer.toString(number));
        json.writeStringField("element", kind(array.element().kind()));
        json.writeArrayFieldStart("whole");
        for (var input : array.boundInputs()) {
          json.writeString(input);
        }
        json.writeEndArray();
        json.writeFieldName("details");
        json.writeStartObject();
        details(json, 0, array.element().kind());
        json.writeEndObject();
        json.writeEndObject();
      }
      case NodeKind.Start _, NodeKind.End _, NodeKind.Task _, NodeKind.LaunchPlan _ -> {}
    }
  }

  private static void gate(JsonGenerator json, GateCondition condition) throws IOException {
    switch (condition) {
      case GateCondition.Sleep(var duration) ->
          json.writeNumberField("sleepMillis", duration.toMillis());
      case GateCondition.Signal signal -> json.writeStringField("signal", signal.signalId());
      case GateCondition.Approve(var signal) -> json.writeStringField("signal", signal);
    }
  }
}
