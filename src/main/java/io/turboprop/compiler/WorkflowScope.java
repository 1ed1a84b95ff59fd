package io.turboprop.compiler;

import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A workflow during its checks: its normalised template and its top-level nodes by id. Promises and
 * upstream ids refer to these nodes; they can't refer to branch arms or the failure node.
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
