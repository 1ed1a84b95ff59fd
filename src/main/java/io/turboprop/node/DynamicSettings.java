package io.turboprop.node;

import com.typesafe.config.Config;

/**
 * The bounds of the graphs that tasks make.
 *
 * @param nodesMax how many nodes one graph has, those of its sub-workflows included
 * @param specBytesMax the largest serialized graph
 * @param depthMax how many dynamic nodes stand around one another, the innermost included
 */
public record DynamicSettings(int nodesMax, long specBytesMax, int depthMax) {

  /** Reads the section {@code turboprop.node.dynamic}. */
  public static DynamicSettings from(Config config) {
    return new DynamicSettings(
        config.getInt("nodes-max"), config.getBytes("spec-max"), config.getInt("depth-max"));
  }
}
