package io.turboprop.compiler;

import flyteidl.core.Compiler.ConnectionSet;
import flyteidl.core.Compiler.ConnectionSet.IdList;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Workflow.Node;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The edges of a workflow in both directions, in the order of node ids.
 *
 * <p>A node waits for its upstream nodes, and for the nodes whose outputs its inputs are bound to.
 * Branch arms and the failure node only have upstream edges: the graph never flows into them.
 */
final class Connections {
  private final SortedMap<String, SortedSet<String>> downstream = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> upstream = new TreeMap<>();

  /** Derives the edges of a normalised workflow; references to unknown nodes give no edge. */
  static Connections of(WorkflowScope scope) {
    var connections = new Connections();
    var topLevel = scope.nodes().keySet();
    for (var node : scope.nodes().values()) {
      for (var producer : producers(node, topLevel)) {
        connections.link(producer, node.getId());
      }
      connections.armsOf(node, topLevel);
    }
    if (scope.template().hasFailureNode()) {
      connections.upstreamOnly(scope.template().getFailureNode(), topLevel);
    }
    connections.attachLooseEnds(topLevel);
    return connections;
  }

  private void link(String from, String to) {
    upstream.computeIfAbsent(to, _ -> new TreeSet<>()).add(from);
    downstream.computeIfAbsent(from, _ -> new TreeSet<>()).add(to);
  }

  private void armsOf(Node node, Set<String> topLevel) {
    Nodes.arms(node.getBranchNode()).forEach(arm -> upstreamOnly(arm, topLevel));
  }

  private void upstreamOnly(Node node, Set<String> topLevel) {
    for (var producer : producers(node, topLevel)) {
      upstream.computeIfAbsent(node.getId(), _ -> new TreeSet<>()).add(producer);
    }
    armsOf(node, topLevel);
  }

  private void attachLooseEnds(Set<String> topLevel) {
    for (var id : topLevel) {
      if (!id.equals(Nodes.START) && !id.equals(Nodes.END)) {
        if (!upstream.containsKey(id)) {
          link(Nodes.START, id);
        }
        if (!downstream.containsKey(id)) {
          link(id, Nodes.END);
        }
      }
    }
  }

  private static Set<String> producers(Node node, Set<String> topLevel) {
    var producers = new TreeSet<String>(node.getUpstreamNodeIdsList());
    node.getInputsList().forEach(binding -> addProducers(binding.getBinding(), producers));
    producers.retainAll(topLevel);
    return producers;
  }

  private static void addProducers(BindingData data, Set<String> producers) {
    switch (data.getValueCase()) {
      case PROMISE -> producers.add(data.getPromise().getNodeId());
      case COLLECTION ->
          data.getCollection()
              .getBindingsList()
              .forEach(element -> addProducers(element, producers));
      case MAP ->
          data.getMap().getBindingsMap().values().forEach(value -> addProducers(value, producers));
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> {}
    }
  }

  /** The downstream nodes of a node, sorted. */
  SortedSet<String> downstreamOf(String id) {
    return downstream.getOrDefault(id, new TreeSet<>());
  }

  ConnectionSet toMessage() {
    var message = ConnectionSet.newBuilder();
    for (Map.Entry<String, SortedSet<String>> entry : downstream.entrySet()) {
      message.putDownstream(entry.getKey(), ids(entry.getValue()));
    }
    for (Map.Entry<String, SortedSet<String>> entry : upstream.entrySet()) {
      message.putUpstream(entry.getKey(), ids(entry.getValue()));
    }
    return message.build();
  }

  private static IdList ids(Set<String> ids) {
    return IdList.newBuilder().addAllIds(ids).build();
  }
}
