package io.turboprop.compiler;

import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One workflow while it is checked: its normalised template and its top-level nodes by id, to which
 * promises and upstream ids refer. Branch arms and the failure node cannot be referred to.
 */
record WorkflowScope(WorkflowTemplate template, Map<String, Node> nodes, Library library) {

  static WorkflowScope of(WorkflowTemplate normalized, Library library) {
    var nodes = new LinkedHashMap<String, Node>();
    normalized.getNodesList().forEach(node -> nodes.put(node.getId(), node));
    return new WorkflowScope(normalized, nodes, library);
  }

  Optional<Node> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  TypedInterface typedInterface() {
    return template.getInterface();
  }
}
