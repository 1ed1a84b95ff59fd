package io.turboprop.data;

import flyteidl.core.Literals.BindingData;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The source of an input of a node, or of an output of a workflow. */
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
   * This binding with output aliases replaced by their variables. The compiler replaces aliases
   * once, so that no class at run time has to know about them.
   *
   * @param aliases the variables by alias, for each node id; nodes without aliases may be left out
   * @throws BindingException when a promise names no output, or more than one
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
