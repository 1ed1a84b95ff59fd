package io.turboprop.resource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The nodes of a workflow that are arms of branches. A resource lists them together with all other
 * nodes.
 *
 * @param branches the id of the branch, for each arm
 */
record Arms(Map<String, String> branches) {

  /** Finds the arms; reports unknown arms, arms of more than one branch, and arms of themselves. */
  static Arms of(WorkflowSpec spec, String place, Problems problems) {
    var arms = new Arms(new HashMap<>());
    spec.nodes().forEach((id, node) -> arms.add(spec, id, node, place + ".nodes." + id, problems));
    spec.onFailure()
        .ifPresent(node -> arms.add(spec, node.id(), node, place + ".onFailure", problems));
    arms.branches.keySet().stream()
        .filter(arms::isInsideItself)
        .sorted()
        .forEach(arm -> problems.add(place + ".nodes." + arm, "is an arm of itself"));
    return arms;
  }

  private void add(WorkflowSpec spec, String id, NodeSpec node, String at, Problems problems) {
    for (var arm : ids(node)) {
      if (!spec.nodes().containsKey(arm) || NodeConverter.TERMINALS.containsValue(arm)) {
        problems.add(at + ".branch", "'%s' is no node that can be an arm".formatted(arm));
      } else if (branches.put(arm, id) != null) {
        problems.add(at + ".branch", "'%s' is an arm already".formatted(arm));
      }
    }
  }

  /**
   * The ids of the arms of a branch, in their order; for an array of branches, of the branch
   * inside.
   */
  private static List<String> ids(NodeSpec node) {
    return node.array()
        .map(array -> ids(array.subNodeSpec()))
        .orElseGet(() -> node.branch().map(Arms::ids).orElse(List.of()));
  }

  private static List<String> ids(NodeSpec.Branch branch) {
    var ids = new ArrayList<String>();
    ids.add(branch.first().then());
    branch.others().forEach(block -> ids.add(block.then()));
    if (!branch.otherwise().isEmpty()) {
      ids.add(branch.otherwise());
    }
    return ids;
  }

  private boolean isInsideItself(String arm) {
    var above = Optional.ofNullable(branches.get(arm));
    for (int step = 0; above.isPresent() && step < branches.size(); step++) {
      if (above.orElseThrow().equals(arm)) {
        return true;
      }
      above = Optional.ofNullable(branches.get(above.orElseThrow()));
    }
    return false;
  }
}
