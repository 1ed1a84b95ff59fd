package io.turboprop.resource;

import flyteidl.core.Compiler.ConnectionSet;
import flyteidl.core.Compiler.ConnectionSet.IdList;
import io.turboprop.compiler.GraphValidator;
import io.turboprop.data.Binding;
import io.turboprop.data.BindingException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Converts the edges of a workflow in a resource to the edges of a compiled workflow.
 *
 * <p>Arms and the failure node have upstream edges only: the graph never flows into them. As in the
 * compiler, a node also waits for the nodes whose outputs it reads, and the end node for the nodes
 * for which no other node waits.
 */
final class EdgesConverter {
  private final Set<String> nodes;
  private final Set<String> upstreamOnly;
  private final String place;
  private final Problems problems;
  private final SortedMap<String, SortedSet<String>> downstream = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> upstream = new TreeMap<>();

  private EdgesConverter(
      Set<String> nodes, Set<String> upstreamOnly, String place, Problems problems) {
    this.nodes = nodes;
    this.upstreamOnly = upstreamOnly;
    this.place = place;
    this.problems = problems;
  }

  /**
   * @param nodes the ids of the nodes that are not arms
   * @param arms the ids of the arms
   * @param place the path of the workflow in the resource, for messages
   */
  static ConnectionSet convert(
      WorkflowSpec spec, Set<String> nodes, Set<String> arms, String place, Problems problems) {
    var upstreamOnly = new HashSet<>(arms);
    spec.onFailure().ifPresent(node -> upstreamOnly.add(node.id()));
    var converter = new EdgesConverter(nodes, upstreamOnly, place, problems);
    converter.link(spec.edgesInEffect());
    spec.nodes().forEach((id, node) -> converter.linkSources(id, node, ".nodes." + id));
    spec.onFailure().ifPresent(node -> converter.linkSources(node.id(), node, ".onFailure"));
    converter.attachLooseEnds();
    GraphValidator.validate(converter::downstreamOf, nodes)
        .ifPresent(error -> problems.add(place, error.description()));
    return converter.message();
  }

  private void link(WorkflowSpec.Edges edges) {
    edges.downstream().forEach((from, targets) -> targets.forEach(to -> link(from, to)));
    edges.upstream().forEach((to, sources) -> sources.forEach(from -> link(from, to)));
  }

  private void link(String from, String to) {
    if (!isKnown(from, to) || !isKnown(to, from)) {
      return;
    }
    if (nodes.contains(from)) {
      upstream.computeIfAbsent(to, _ -> new TreeSet<>()).add(from);
    }
    if (nodes.contains(from) && nodes.contains(to)) {
      downstream.computeIfAbsent(from, _ -> new TreeSet<>()).add(to);
    }
  }

  private boolean isKnown(String id, String other) {
    var known = nodes.contains(id) || upstreamOnly.contains(id);
    if (!known) {
      problems.add(place, "'%s', connected to '%s', is no node".formatted(id, other));
    }
    return known;
  }

  private void linkSources(String id, NodeSpec node, String at) {
    for (var input : node.inputBindings()) {
      var binding = new Binding(input.getVar(), input.getBinding());
      for (var source : binding.sources()) {
        if (nodes.contains(source)) {
          link(source, id);
          requireNames(binding, source, place + at + ".inputBindings");
        } else {
          problems.add(
              place + at + ".inputBindings",
              "'%s' reads '%s', which is no node that can be read"
                  .formatted(binding.variable(), source));
        }
      }
    }
  }

  /**
   * Checks the promises of a binding. The compiler parses a promise only if its node has aliases;
   * this check always parses it.
   */
  private void requireNames(Binding binding, String source, String at) {
    try {
      var _ = binding.withoutAliases(Map.of(source, Map.of()));
    } catch (BindingException e) {
      problems.add(at, "'%s': %s".formatted(binding.variable(), e.getMessage()));
    }
  }

  private void attachLooseEnds() {
    for (var id : nodes) {
      if (!id.equals(NodeConverter.END) && !downstream.containsKey(id)) {
        link(id, NodeConverter.END);
      }
    }
  }

  private SortedSet<String> downstreamOf(String id) {
    return downstream.getOrDefault(id, new TreeSet<>());
  }

  private ConnectionSet message() {
    var message = ConnectionSet.newBuilder();
    downstream.forEach((from, targets) -> message.putDownstream(from, ids(targets)));
    upstream.forEach((to, sources) -> message.putUpstream(to, ids(sources)));
    return message.build();
  }

  private static IdList ids(SortedSet<String> ids) {
    return IdList.newBuilder().addAllIds(ids).build();
  }
}
