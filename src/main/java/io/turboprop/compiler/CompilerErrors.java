package io.turboprop.compiler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects errors: each once, in the order of discovery, which depends only on the input. */
final class CompilerErrors {
  private final Set<CompilerError> found = new LinkedHashSet<>();

  void add(ErrorCode code, String nodeId, String description) {
    found.add(new CompilerError(code, nodeId, description));
  }

  void addAll(List<CompilerError> errors) {
    found.addAll(errors);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<CompilerError> toList() {
    return List.copyOf(found);
  }
}
