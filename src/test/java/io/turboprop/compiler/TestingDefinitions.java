package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Void;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.EnumType;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.TypeStructure;
import flyteidl.core.Types.UnionType;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.util.List;
import java.util.Map;

/** Small definitions to compile. */
public final class TestingDefinitions {
  public static final LiteralType INTEGER = simple(SimpleType.INTEGER);
  static final LiteralType FLOAT = simple(SimpleType.FLOAT);
  static final LiteralType STRING = simple(SimpleType.STRING);
  static final LiteralType BOOLEAN = simple(SimpleType.BOOLEAN);
  static final LiteralType STRUCT = simple(SimpleType.STRUCT);
  static final LiteralType NONE = simple(SimpleType.NONE);

  private TestingDefinitions() {}

  static LiteralType simple(SimpleType type) {
    return LiteralType.newBuilder().setSimple(type).build();
  }

  static LiteralType list(LiteralType element) {
    return LiteralType.newBuilder().setCollectionType(element).build();
  }

  static LiteralType map(LiteralType value) {
    return LiteralType.newBuilder().setMapValueType(value).build();
  }

  static LiteralType union(LiteralType... variants) {
    return LiteralType.newBuilder()
        .setUnionType(UnionType.newBuilder().addAllVariants(List.of(variants)))
        .build();
  }

  static LiteralType oneOf(String... values) {
    return LiteralType.newBuilder()
        .setEnumType(EnumType.newBuilder().addAllValues(List.of(values)))
        .build();
  }

  static LiteralType tagged(LiteralType type, String tag) {
    return type.toBuilder().setStructure(TypeStructure.newBuilder().setTag(tag)).build();
  }

  static LiteralType dataclass(Map<String, LiteralType> fields) {
    return STRUCT.toBuilder()
        .setStructure(TypeStructure.newBuilder().putAllDataclassType(fields))
        .build();
  }

  static VariableMap variables(Map<String, LiteralType> types) {
    var variables = VariableMap.newBuilder();
    types.forEach(
        (name, type) -> variables.putVariables(name, Variable.newBuilder().setType(type).build()));
    return variables.build();
  }

  static TypedInterface typed(Map<String, LiteralType> inputs, Map<String, LiteralType> outputs) {
    return TypedInterface.newBuilder()
        .setInputs(variables(inputs))
        .setOutputs(variables(outputs))
        .build();
  }

  static Identifier id(ResourceType type, String name) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject("flytesnacks")
        .setDomain("development")
        .setName(name)
        .setVersion("v1")
        .build();
  }

  public static CompiledTask task(
      String name, Map<String, LiteralType> inputs, Map<String, LiteralType> outputs) {
    return CompiledTask.newBuilder()
        .setTemplate(
            TaskTemplate.newBuilder()
                .setId(id(ResourceType.TASK, name))
                .setType("echo")
                .setInterface(typed(inputs, outputs)))
        .build();
  }

  static Node.Builder node(String id, Binding... inputs) {
    return Node.newBuilder().setId(id).addAllInputs(List.of(inputs));
  }

  public static Node.Builder taskNode(String id, String task, Binding... inputs) {
    return node(id, inputs)
        .setTaskNode(TaskNode.newBuilder().setReferenceId(id(ResourceType.TASK, task)));
  }

  static Node.Builder subWorkflowNode(String id, String workflow, Binding... inputs) {
    var node = node(id, inputs);
    node.getWorkflowNodeBuilder().setSubWorkflowRef(id(ResourceType.WORKFLOW, workflow));
    return node;
  }

  static Node.Builder launchPlanNode(String id, String launchPlan, Binding... inputs) {
    var node = node(id, inputs);
    node.getWorkflowNodeBuilder().setLaunchplanRef(id(ResourceType.LAUNCH_PLAN, launchPlan));
    return node;
  }

  static Node.Builder sleep(String id) {
    var node = node(id);
    node.getGateNodeBuilder().getSleepBuilder().getDurationBuilder().setSeconds(1);
    return node;
  }

  static Node.Builder approve(String id, Binding... inputs) {
    var node = node(id, inputs);
    node.getGateNodeBuilder().getApproveBuilder().setSignalId(id);
    return node;
  }

  static Binding bind(String input, BindingData data) {
    return Binding.newBuilder().setVar(input).setBinding(data).build();
  }

  static Binding bind(String input, long value) {
    return bind(input, data(integer(value)));
  }

  public static Binding bind(String input, String value) {
    return bind(input, data(string(value)));
  }

  static Binding promise(String input, String nodeId, String output) {
    return bind(input, promise(nodeId, output));
  }

  static BindingData promise(String nodeId, String output) {
    var data = BindingData.newBuilder();
    data.getPromiseBuilder().setNodeId(nodeId).setVar(output);
    return data.build();
  }

  static BindingData listOf(BindingData... elements) {
    var data = BindingData.newBuilder();
    data.getCollectionBuilder().addAllBindings(List.of(elements));
    return data.build();
  }

  static BindingData data(Scalar scalar) {
    return BindingData.newBuilder().setScalar(scalar).build();
  }

  static Scalar integer(long value) {
    return Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)).build();
  }

  static Scalar string(String value) {
    return Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setStringValue(value)).build();
  }

  static Scalar none() {
    return Scalar.newBuilder().setNoneType(Void.getDefaultInstance()).build();
  }

  static Literal literal(Scalar scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }

  static Literal literals(Literal... elements) {
    return Literal.newBuilder()
        .setCollection(LiteralCollection.newBuilder().addAllLiterals(List.of(elements)))
        .build();
  }

  /** A workflow with the inputs {@code x: INTEGER} and {@code names: [STRING]}, without outputs. */
  public static WorkflowTemplate workflow(Node.Builder... nodes) {
    return named("main", nodes);
  }

  static WorkflowTemplate named(String name, Node.Builder... nodes) {
    var template =
        WorkflowTemplate.newBuilder()
            .setId(id(ResourceType.WORKFLOW, name))
            .setInterface(typed(Map.of("x", INTEGER, "names", list(STRING)), Map.of()));
    for (var node : nodes) {
      template.addNodes(node);
    }
    return template.build();
  }
}
