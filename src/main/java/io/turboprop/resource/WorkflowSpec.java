package io.turboprop.resource;

import com.fasterxml.jackson.annotation.JsonProperty;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Binding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A workflow in a resource: the primary workflow or a sub-workflow.
 *
 * @param id {@code project:domain:name}; the version is dropped
 * @param nodes the nodes by id, in a flat map: also the start and end nodes and the arms of
 *     branches
 * @param connections the deprecated form of the edges: the downstream nodes of each node
 * @param edges the edges, authoritative unless absent or empty
 * @param onFailure the failure node, which is not in {@code nodes}
 * @param onFailurePolicy the name of a {@code WorkflowMetadata.OnFailurePolicy}; empty for the
 *     first
 */
public record WorkflowSpec(
    String id,
    Map<String, NodeSpec> nodes,
    Map<String, List<String>> connections,
    Optional<Edges> edges,
    Optional<NodeSpec> onFailure,
    Optional<VariableMap> outputs,
    List<Binding> outputBindings,
    String onFailurePolicy) {

  /**
   * The edges in both directions. Arms of branches have upstream edges only.
   *
   * @param downstream the nodes that wait for each node
   * @param upstream the nodes for which each node waits
   */
  public record Edges(
      @JsonProperty("downstream") Map<String, List<String>> downstream,
      @JsonProperty("upstream") Map<String, List<String>> upstream) {

    private boolean isEmpty() {
      return downstream.isEmpty() && upstream.isEmpty();
    }
  }

  /** The effective edges: the given edges, or else the connections and their inversion. */
  Edges edgesInEffect() {
    return edges
        .filter(given -> !given.isEmpty())
        .orElseGet(() -> new Edges(connections, inverted(connections)));
  }

  private static Map<String, List<String>> inverted(Map<String, List<String>> downstream) {
    var upstream = new TreeMap<String, TreeSet<String>>();
    downstream.forEach((from, targets) ->
        targets.forEach(to -> upstream.computeIfAbsent(to, _ -> new TreeSet<>()).add(from)));
    var lists = new TreeMap<String, List<String>>();
    upstream.forEach((to, sources) -> lists.put(to, List.copyOf(sources)));
    return lists;
  }
}
