package io.turboprop.cli;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanCreateRequest;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateRequest;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Workflow.Node;

/**
 * The requests that register a workflow of echo tasks: a chain that passes the integer {@code x}
 * from its input to its output. Clients send them in this order.
 */
record EchoWorkflow(
    TaskCreateRequest task, WorkflowCreateRequest workflow, LaunchPlanCreateRequest launchPlan) {
  static final String PROJECT = "flytesnacks";
  static final String DOMAIN = "development";

  private static final String VARIABLE = "x";
  private static final Variable INTEGER =
      Variable.newBuilder().setType(LiteralType.newBuilder().setSimple(SimpleType.INTEGER)).build();

  /** A chain of steps, at least one; the output of each step is the input of the next. */
  static EchoWorkflow chain(int length) {
    var task = taskRequest();
    var workflow = workflowRequest("rehearsal.chain_" + length, task.getId(), length);
    return new EchoWorkflow(task, workflow, launchPlanRequest(workflow.getId()));
  }

  /** A request to run the workflow; the server chooses the execution's name. */
  ExecutionCreateRequest execution(long x) {
    var request = ExecutionCreateRequest.newBuilder().setProject(PROJECT).setDomain(DOMAIN);
    request.getSpecBuilder().setLaunchPlan(launchPlan.getId());
    request
        .getInputsBuilder()
        .putLiteralsBuilderIfAbsent(VARIABLE)
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setInteger(x);
    return request.build();
  }

  private static TaskCreateRequest taskRequest() {
    var request = TaskCreateRequest.newBuilder().setId(id(ResourceType.TASK, "rehearsal.echo"));
    request
        .getSpecBuilder()
        .getTemplateBuilder()
        .setId(request.getId())
        .setType("echo")
        .setInterface(passesAnIntegerOn())
        .getMetadataBuilder()
        .getRuntimeBuilder()
        .setVersion("1");
    return request.build();
  }

  private static WorkflowCreateRequest workflowRequest(String name, Identifier task, int length) {
    var request = WorkflowCreateRequest.newBuilder().setId(id(ResourceType.WORKFLOW, name));
    var template =
        request
            .getSpecBuilder()
            .getTemplateBuilder()
            .setId(request.getId())
            .setInterface(passesAnIntegerOn());
    template.getMetadataBuilder();
    template.getMetadataDefaultsBuilder();
    var previous = "";
    for (int step = 0; step < length; step++) {
      var node = node("n" + step, task, previous);
      template.addNodes(node);
      previous = node.getId();
    }
    template.addOutputs(promise(previous));
    return request.build();
  }

  private static LaunchPlanCreateRequest launchPlanRequest(Identifier workflow) {
    var request =
        LaunchPlanCreateRequest.newBuilder()
            .setId(id(ResourceType.LAUNCH_PLAN, workflow.getName()));
    request
        .getSpecBuilder()
        .setWorkflowId(workflow)
        .getDefaultInputsBuilder()
        .putParametersBuilderIfAbsent(VARIABLE)
        .setVar(INTEGER)
        .setRequired(true);
    return request.build();
  }

  private static Node node(String id, Identifier task, String upstream) {
    var node = Node.newBuilder().setId(id).addInputs(promise(upstream));
    node.getMetadataBuilder().setName(id);
    node.getTaskNodeBuilder().setReferenceId(task);
    if (!upstream.isEmpty()) {
      node.addUpstreamNodeIds(upstream);
    }
    return node.build();
  }

  /** Binds the variable to the output of a node, or to the workflow's input if there is no node. */
  private static Binding promise(String node) {
    var binding = Binding.newBuilder().setVar(VARIABLE);
    binding.getBindingBuilder().getPromiseBuilder().setNodeId(node).setVar(VARIABLE);
    return binding.build();
  }

  private static TypedInterface passesAnIntegerOn() {
    var signature = TypedInterface.newBuilder();
    signature.getInputsBuilder().putVariables(VARIABLE, INTEGER);
    signature.getOutputsBuilder().putVariables(VARIABLE, INTEGER);
    return signature.build();
  }

  private static Identifier id(ResourceType type, String name) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject(PROJECT)
        .setDomain(DOMAIN)
        .setName(name)
        .setVersion("v1")
        .build();
  }
}
