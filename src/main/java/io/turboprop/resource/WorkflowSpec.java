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
 * One workflow of a resource: the one it is about, or a sub-workflow.
 *
 * @param id {@code project:domain:name}; the version is dropped
 * @param nodes by id; start and end are among them, and so are the arms of branches, all flat
 * @param connections the deprecated form of the edges: for each node those that wait for it
 * @param edges authoritative unless absent or empty
 * @param onFailure run after the others have failed; not among {@code nodes}
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
   * Who waits for whom, both ways. Arms of branches have upstream edges only.
   *
   * @param downstream for each node those that wait for it
   * @param upstream for each node those that it waits for
   */
  public record Edges(
      @JsonProperty("downstream") Map<String, List<String>> downstream,
      @JsonProperty("upstream") Map<String, List<String>> upstream) {

    private boolean isEmpty() {
      return downstream.isEmpty() && upstream.isEmpty();
    }
  }

  /** The edges that count: the given ones, else the connections and their inversion. */
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
