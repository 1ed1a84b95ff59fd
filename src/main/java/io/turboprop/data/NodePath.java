package io.turboprop.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The position of a node in an execution's tree of graphs: {@code n0} at the top, {@code n0/1/n2}
 * for node n2 of the graph that attempt 1 of n0 opened. A retry of the parent gives its children
 * new paths, so a late report of an older attempt can never be taken for a current one.
 */
public record NodePath(String text) implements Comparable<NodePath> {
  private static final char SEPARATOR = '/';

  /** The path of a node of the execution's own graph. */
  public static NodePath root(String nodeId) {
    return new NodePath(nodeId);
  }

  /** The path of a node in the graph opened by an attempt (from 0) of this one. */
  public NodePath child(int attempt, String nodeId) {
    return new NodePath(text + SEPARATOR + attempt + SEPARATOR + nodeId);
  }

  /** The id of the node within its own graph. */
  public String nodeId() {
    return text.substring(text.lastIndexOf(SEPARATOR) + 1);
  }

  /** The node whose graph this one belongs to; empty at the top. */
  public Optional<NodePath> parent() {
    var end = text.lastIndexOf(SEPARATOR);
    return end < 0
        ? Optional.empty()
        : Optional.of(new NodePath(text.substring(0, text.lastIndexOf(SEPARATOR, end - 1))));
  }

  /** The attempt (from 0) of the parent that opened this node's graph; 0 at the top. */
  public int parentAttempt() {
    var end = text.lastIndexOf(SEPARATOR);
    return end < 0
        ? 0
        : Integer.parseInt(text.substring(text.lastIndexOf(SEPARATOR, end - 1) + 1, end));
  }

  /** A node around another, and which of its attempts (from 0) opened the graph inside. */
  public record Container(String nodeId, int attempt) {}

  /** The nodes around this one, the outermost first; none at the top. */
  public List<Container> containers() {
    if (isRoot()) {
      return List.of();
    }
    var containers = new ArrayList<Container>();
    int begin = 0;
    int end = text.indexOf(SEPARATOR);
    while (end >= 0) {
      var attemptEnd = text.indexOf(SEPARATOR, end + 1);
      containers.add(
          new Container(
              text.substring(begin, end), Integer.parseInt(text, end + 1, attemptEnd, 10)));
      begin = attemptEnd + 1;
      end = text.indexOf(SEPARATOR, begin);
    }
    return containers;
  }

  /** Whether this is a node of the execution's own graph. */
  public boolean isRoot() {
    return text.indexOf(SEPARATOR) < 0;
  }

  /** Compares the texts of the paths. */
  @Override
  public int compareTo(NodePath other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
