package io.turboprop.data;

import flyteidl.core.Literals.BindingData;
import java.util.LinkedHashSet;
import java.util.Map;
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

  /**
   * This binding with output aliases replaced by the variables they stand for (engine §3.5). Done
   * once, when a workflow is compiled, so that nothing at run time has to know of aliases.
   *
   * @param aliases for each node id its variables by alias; nodes without aliases may be left out
   * @throws BindingException when a promise names no output, or several
   */
  public Binding withoutAliases(Map<String, Map<String, String>> aliases) throws BindingException {
    return aliases.isEmpty() ? this : new Binding(variable, withoutAliases(data, aliases));
  }

  private static BindingData withoutAliases(
      BindingData data, Map<String, Map<String, String>> aliases) throws BindingException {
    var changed = data.toBuilder();
    switch (data.getValueCase()) {
      case PROMISE -> {
        var promise = changed.getPromiseBuilder();
        var renamed = aliases.get(promise.getNodeId());
        if (renamed != null) {
          promise.setVar(PromisedVariable.parse(promise.getVar()).withoutAlias(renamed));
        }
      }
      case COLLECTION -> {
        var elements = changed.getCollectionBuilder();
        for (var index = 0; index < elements.getBindingsCount(); index++) {
          elements.setBindings(index, withoutAliases(elements.getBindings(index), aliases));
        }
      }
      case MAP -> {
        for (var entry : data.getMap().getBindingsMap().entrySet()) {
          changed
              .getMapBuilder()
              .putBindings(entry.getKey(), withoutAliases(entry.getValue(), aliases));
        }
      }
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> {}
    }
    return changed.build();
  }

  private static void collect(BindingData data, Set<String> sources) {
    switch (data.getValueCase()) {
      case PROMISE ->
          sources.add(
              data.getPromise().getNodeId().isEmpty() ? START_NODE : data.getPromise().getNodeId());
      case COLLECTION ->
          data.getCollection().getBindingsList().forEach(element -> collect(element, sources));
      case MAP -> data.getMap().getBindingsMap().values().forEach(v -> collect(v, sources));
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> {}
    }
  }
}
