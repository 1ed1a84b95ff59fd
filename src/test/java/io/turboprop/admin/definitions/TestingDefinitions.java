package io.turboprop.admin.definitions;

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
 * Requests that register a task with an integer input, a workflow around the task, and a launch
 * plan of the workflow.
 */
public final class TestingDefinitions {
  private static final Variable INTEGER =
      Variable.newBuilder().setType(LiteralType.newBuilder().setSimple(SimpleType.INTEGER)).build();

  private TestingDefinitions() {}

  public static Identifier id(ResourceType type, String name, String version) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject("flytesnacks")
        .setDomain("development")
        .setName(name)
        .setVersion(version)
        .build();
  }

  public static TypedInterface signature() {
    var signature = TypedInterface.newBuilder();
    signature.getInputsBuilder().putVariables("x", INTEGER);
    signature.getOutputsBuilder().putVariables("o0", INTEGER);
    return signature.build();
  }

  public static TaskCreateRequest task(String name, String version) {
    var request = TaskCreateRequest.newBuilder().setId(id(ResourceType.TASK, name, version));
    var template = request.getSpecBuilder().getTemplateBuilder();
    template.setType("python-task").setInterface(signature());
    template.getMetadataBuilder().getRuntimeBuilder().setVersion("1.16.0");
    template.getContainerBuilder().setImage("python:3.12").addArgs("run");
    request.getSpecBuilder().getDescriptionBuilder().setShortDescription("doubles a number");
    return request.build();
  }

  public static WorkflowCreateRequest workflow(String name, String version) {
    var request =
        WorkflowCreateRequest.newBuilder().setId(id(ResourceType.WORKFLOW, name, version));
    var template = request.getSpecBuilder().getTemplateBuilder();
    template
        .setId(request.getId())
        .setInterface(signature())
        .addNodes(node(version))
        .addOutputs(binding("o0", "n0", "o0"));
    template.getMetadataBuilder();
    template.getMetadataDefaultsBuilder();
    return request.build();
  }

  private static Node node(String version) {
    var node = Node.newBuilder().setId("n0").addInputs(binding("x", "", "x"));
    node.getTaskNodeBuilder().setReferenceId(id(ResourceType.TASK, "double", version));
    node.getMetadataBuilder().setName("double");
    return node.build();
  }

  private static Binding binding(String variable, String node, String from) {
    var binding = Binding.newBuilder().setVar(variable);
    binding.getBindingBuilder().getPromiseBuilder().setNodeId(node).setVar(from);
    return binding.build();
  }

  public static LaunchPlanCreateRequest launchPlan(String name, String version, String workflow) {
    var request =
        LaunchPlanCreateRequest.newBuilder().setId(id(ResourceType.LAUNCH_PLAN, name, version));
    request.getSpecBuilder().setWorkflowId(id(ResourceType.WORKFLOW, workflow, version));
    return request.build();
  }
}
