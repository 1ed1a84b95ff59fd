package io.turboprop.data;

import flyteidl.core.Literals.BindingData;
import java.util.LinkedHashSet;
import java.util.Set;

/** How one input of a node, or one output of a workflow, comes by its value. */
public record Binding(String variable, BindingData data) {

  /** The node id by which a binding refers to the inputs of its own graph. */
  public static final String START_NODE = "start-node";

  /** The ids of the nodes whose outputs this binding reads, in the order of their appearance. */
  public Set<String> sources() {
    var sources = new LinkedHashSet<String>();
    collect(data, sources);
    return sources;
  }

  private static void collect(BindingData data, Set<String> sources) {
    switch (data.getValueCase()) {
      case PROMISE ->
          sources.add(
              data.getPromise().getNodeId().isEmpty()
                  ? START_NODE
                  : data.getPromise().getNodeId());
      case COLLECTION ->
          data.getCollection().getBindingsList().forEach(element -> collect(element, sources));
      case MAP -> data.getMap().getBindingsMap().values().forEach(v -> collect(v, sources));
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> {}
    }
  }
}
