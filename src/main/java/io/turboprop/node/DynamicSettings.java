package io.turboprop.node;

import io.turboprop.setting.Section;

/**
 * The limits of dynamic graphs.
 *
 * @param nodesMax how many nodes one graph has, those of its sub-workflows included
 * @param specBytesMax the largest serialized graph
 * @param depthMax how deeply dynamic nodes may be nested, the innermost included
 */
public record DynamicSettings(int nodesMax, long specBytesMax, int depthMax) {

  /** Reads the section {@code turboprop.node.dynamic}. */
  static DynamicSettings from(Section dynamic) {
    return new DynamicSettings(
        dynamic.number("nodes-max", 1), dynamic.bytes("spec-max"), dynamic.number("depth-max", 1));
  }
}
