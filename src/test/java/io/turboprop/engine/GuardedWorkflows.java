package io.turboprop.engine;

import static io.turboprop.engine.EchoWorkflows.START;
import static io.turboprop.engine.EchoWorkflows.node;
import static io.turboprop.engine.EchoWorkflows.promise;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Graphs of a step {@code n0} and then a gate {@code n1}, which fails unless the signal {@code
 * review} approves, inside a node {@code n0}: they fail or succeed as one likes.
 */
final class GuardedWorkflows {
  private final EchoWorkflows workflows;

  GuardedWorkflows(EchoWorkflows workflows) {
    this.workflows = workflows;
  }

  /** Inside a sub-workflow. */
  Identifier subWorkflow() {
    var inner = steps("guarded_inner");
    var node = Node.newBuilder().setId("n0").addInputs(promise(START));
    node.getWorkflowNodeBuilder().setSubWorkflowRef(inner.getId());
    return workflows.register(
        EchoWorkflows.template("guarded_sub", List.of(node.build())), List.of(inner));
  }

  /** In an execution of its own. */
  Identifier launchPlan() {
    var child = workflows.register(steps("guarded_child"), List.of());
    return workflows.parent("guarded_parent", List.of(child));
  }

  /** Made by a task, whose first attempt fails; with an execution {@code n2} beside the step. */
  Identifier dynamic() {
    var step = EchoWorkflows.echo("guarded_step").build();
    var seven = EchoWorkflows.promise(START).toBuilder();
    seven.getBindingBuilder().setScalar(EchoWorkflows.integer(7).getScalar());
    var graph =
        DynamicJobSpec.newBuilder()
            .addTasks(step)
            .addNodes(node("n0", step.getId(), START).toBuilder().setInputs(0, seven))
            .addNodes(launched().addInputs(seven))
            .addNodes(gate().toBuilder().addUpstreamNodeIds("n2"))
            .addOutputs(promise("n1"));
    var maker = EchoWorkflows.echo("guarded_maker");
    maker.getMetadataBuilder().getRetriesBuilder().setRetries(1);
    maker
        .getCustomBuilder()
        .putFields("futures", text(Base64.getEncoder().encodeToString(graph.build().toByteArray())))
        .putFields(
            "fail",
            Value.newBuilder()
                .setStructValue(
                    Struct.newBuilder()
                        .putFields("attempts", Value.newBuilder().setNumberValue(1).build()))
                .build());
    var made = node("n0", workflows.registered(maker.build()), START);
    return workflows.register(EchoWorkflows.template("guarded_dynamic", List.of(made)), List.of());
  }

  private Node.Builder launched() {
    var node = Node.newBuilder().setId("n2");
    node.getMetadataBuilder().setName("n2");
    node.getWorkflowNodeBuilder()
        .setLaunchplanRef(workflows.chain("guarded_launched", List.of(Duration.ZERO)));
    return node;
  }

  private WorkflowTemplate steps(String name) {
    var step = node("n0", workflows.task(Duration.ZERO), START);
    return EchoWorkflows.template(name, List.of(step, gate()));
  }

  private static Node gate() {
    var gate = Node.newBuilder().setId("n1").addInputs(promise("n0")).addUpstreamNodeIds("n0");
    gate.getGateNodeBuilder().getApproveBuilder().setSignalId("review");
    return gate.build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
