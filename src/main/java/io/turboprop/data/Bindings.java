package io.turboprop.data;

import java.util.List;
import java.util.Map;

/** Makes the inputs of a node from its bindings (engine §3.2-3.5). */
public final class Bindings {
  private Bindings() {}

  /**
   * Resolves all bindings against outputs that are at hand.
   *
   * @param sources the outputs of each node referred to, by node id
   * @throws BindingException naming the variable and what is missing
   */
  public static Literals resolve(List<Binding> bindings, Map<String, Literals> sources)
      throws BindingException {
    throw new BindingException("to be written " + bindings + sources);
  }
}
