package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import java.util.function.Function;

/**
 * The canonical bytes of what a node does: nodes with equal bytes do the same. The content of a
 * task counts, its version does not. A repeated execution of a new workflow version runs only the
 * nodes whose bytes differ.
 */
public final class NodeContent {
  private NodeContent() {}

  /**
   * The content of a node; empty for a node that only contains other nodes.
   *
   * @param templates finds the template of a task of the node's plan
   */
  public static ByteString of(PlanNode node, Function<EntityId, TaskTemplate> templates) {
    return switch (node.kind()) {
      case NodeKind.Task(var task, var overrides) ->
          task(templates.apply(task)).concat(overrides.resources());
      case NodeKind.LaunchPlan(var launchPlan) -> ByteString.copyFromUtf8(launchPlan.toString());
      case NodeKind.Array array -> array(array, of(array.element(), templates));
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.Gate _ ->
          ByteString.EMPTY;
    };
  }

  private static ByteString task(TaskTemplate template) {
    var nameless = template.toBuilder();
    nameless.getIdBuilder().clearVersion();
    return nameless.build().toByteString();
  }

  private static ByteString array(NodeKind.Array array, ByteString element) {
    return element.isEmpty()
        ? ByteString.EMPTY
        : ByteString.copyFromUtf8(
                "array %s %s %s "
                    .formatted(array.successesMin(), array.successRatioMin(), array.boundInputs()))
            .concat(element);
  }
}
