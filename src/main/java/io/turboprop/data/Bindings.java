package io.turboprop.data;

import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Types.OutputReference;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the inputs of a node from its bindings ({@code flyteidl.core.Binding}). A promise without a
 * node id refers to the inputs of the graph. Unlike FlytePropeller, the engine passes an offloaded
 * literal in a binding on, and does not drop it.
 */
public final class Bindings {
  private final Map<String, Literals> sources;
  private final LiteralLoader loader;

  private Bindings(Map<String, Literals> sources, LiteralLoader loader) {
    this.sources = sources;
    this.loader = loader;
  }

  /**
   * Resolves all bindings against outputs in memory.
   *
   * @param sources the outputs of each node referred to, by node id
   * @throws BindingException naming the variable and what is missing
   */
  public static Literals resolve(List<Binding> bindings, Map<String, Literals> sources)
      throws BindingException {
    try {
      return resolve(bindings, sources, Bindings::refuse);
    } catch (IOException e) {
      throw new BindingException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Resolves all bindings, loading offloaded literals that an attribute path leads into.
   *
   * @param sources the outputs of each node referred to, by node id
   * @throws BindingException naming the variable and what is missing
   * @throws IOException when the loader fails for a reason that may pass
   */
  public static Literals resolve(
      List<Binding> bindings, Map<String, Literals> sources, LiteralLoader loader)
      throws BindingException, IOException {
    var resolver = new Bindings(sources, loader);
    var inputs = new LinkedHashMap<String, Literal>();
    for (var binding : bindings) {
      inputs.put(binding.variable(), resolver.literal(binding.variable(), binding.data()));
    }
    return Literals.of(inputs);
  }

  private static Literal refuse(DataReference reference) throws BindingException {
    throw new BindingException("the literal at " + reference + " would have to be loaded first");
  }

  private Literal literal(String variable, BindingData data) throws BindingException, IOException {
    return switch (data.getValueCase()) {
      case SCALAR -> Literal.newBuilder().setScalar(data.getScalar()).build();
      case COLLECTION -> {
        var collection = LiteralCollection.newBuilder();
        for (var element : data.getCollection().getBindingsList()) {
          collection.addLiterals(literal(variable, element));
        }
        yield Literal.newBuilder().setCollection(collection).build();
      }
      case MAP -> {
        var map = LiteralMap.newBuilder();
        for (var entry : data.getMap().getBindingsMap().entrySet()) {
          map.putLiterals(entry.getKey(), literal(variable, entry.getValue()));
        }
        yield Literal.newBuilder().setMap(map).build();
      }
      case PROMISE -> promised(variable, data.getPromise());
      case OFFLOADED_METADATA ->
          Literal.newBuilder().setOffloadedMetadata(data.getOffloadedMetadata()).build();
      case VALUE_NOT_SET -> Literal.getDefaultInstance();
    };
  }

  private Literal promised(String variable, OutputReference promise)
      throws BindingException, IOException {
    try {
      var output = PromisedVariable.parse(promise.getVar()).in(outputs(promise), promise.getVar());
      return AttributePaths.resolve(output, promise.getAttrPathList(), loader);
    } catch (BindingException e) {
      throw new BindingException(
          "input '%s' can't be bound to %s.%s%s: %s"
              .formatted(
                  variable,
                  nodeId(promise),
                  promise.getVar(),
                  AttributePaths.text(promise.getAttrPathList()),
                  e.getMessage()));
    }
  }

  private Literals outputs(OutputReference promise) throws BindingException {
    var outputs = sources.get(nodeId(promise));
    if (outputs == null) {
      throw new BindingException("there are no outputs of node '" + nodeId(promise) + "'");
    }
    return outputs;
  }

  private static String nodeId(OutputReference promise) {
    return promise.getNodeId().isEmpty() ? Binding.START_NODE : promise.getNodeId();
  }
}
