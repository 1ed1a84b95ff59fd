package io.turboprop.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanCreateRequest;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateRequest;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Registers workflows of echo tasks and gates; each passes the integer {@code x} from its input to
 * its output.
 */
final class EchoWorkflows {
  private static final String VARIABLE = "x";
  static final String START = "start-node";
  private static final String VERSION = "v1";
  private static final Variable INTEGER =
      Variable.newBuilder().setType(LiteralType.newBuilder().setSimple(SimpleType.INTEGER)).build();

  private static final Variable INTEGERS =
      Variable.newBuilder()
          .setType(LiteralType.newBuilder().setCollectionType(INTEGER.getType()))
          .build();

  private final EngineClient client;
  private final Map<String, Identifier> tasks = new HashMap<>();

  EchoWorkflows(EngineClient client) {
    this.client = client;
  }

  /**
   * Steps one after the other, each fed by the one before: {@code n0}, {@code n1}, …
   *
   * @param sleeps how long each step sleeps; zero is not at all
   * @return the launch plan
   */
  Identifier chain(String name, List<Duration> sleeps) {
    var nodes = new ArrayList<Node>();
    var previous = START;
    for (var sleep : sleeps) {
      var node = node("n" + nodes.size(), task(sleep), previous);
      nodes.add(node);
      previous = node.getId();
    }
    return register(name, nodes);
  }

  /**
   * One step, then so many beside each other, then one that follows them all.
   *
   * @return the launch plan
   */
  Identifier fanOut(String name, int width) {
    var task = task(Duration.ZERO);
    var nodes = new ArrayList<Node>();
    nodes.add(node("first", task, START));
    var last = node("last", task, "first").toBuilder();
    for (int branch = 0; branch < width; branch++) {
      nodes.add(node("n" + branch, task, "first"));
      last.addUpstreamNodeIds("n" + branch);
    }
    nodes.add(last.build());
    return register(name, nodes);
  }

  /**
   * Nodes beside each other, {@code n0}, {@code n1}, …, that each start an execution.
   *
   * @return the launch plan
   */
  Identifier parent(String name, List<Identifier> children) {
    var nodes = new ArrayList<Node>();
    for (var child : children) {
      var node = Node.newBuilder().setId("n" + nodes.size()).addInputs(promise(START));
      node.getMetadataBuilder().setName(node.getId());
      node.getWorkflowNodeBuilder().setLaunchplanRef(child);
      nodes.add(node.build());
    }
    return register(name, nodes);
  }

  /**
   * One step that fails.
   *
   * @return the launch plan
   */
  Identifier failing(String name, String code, String message) {
    return register(name, List.of(node("n0", failingTask(name, code, message), START)));
  }

  /** A task that fails for good. */
  Identifier failingTask(String name, String code, String message) {
    var template = echo("failing_" + name);
    var fail = struct(Map.of("code", code, "message", message, "recoverable", false));
    template.getCustomBuilder().putFields("fail", Value.newBuilder().setStructValue(fail).build());
    return registered(template.build());
  }

  /**
   * One step {@code n0} that makes a graph.
   *
   * @param graph what the task is asked for, as the field {@code graph} of an echo task
   * @return the launch plan
   */
  Identifier dynamic(String name, Map<String, Object> graph) {
    return dynamic(name, "graph", Value.newBuilder().setStructValue(struct(graph)).build());
  }

  /** The same with a step that leaves these bytes as its graph. */
  Identifier dynamic(String name, ByteString graph) {
    var text = Base64.getEncoder().encodeToString(graph.toByteArray());
    return dynamic(name, "futures", Value.newBuilder().setStringValue(text).build());
  }

  private Identifier dynamic(String name, String field, Value value) {
    var template = echo("make_" + name);
    template.getCustomBuilder().putFields(field, value);
    return register(name, List.of(node("n0", registered(template.build()), START)));
  }

  private static Struct struct(Map<String, Object> fields) {
    var struct = Struct.newBuilder();
    fields.forEach((name, field) ->
        struct.putFields(
            name,
            switch (field) {
              case Number number -> Value.newBuilder().setNumberValue(number.doubleValue()).build();
              case Boolean bool -> Value.newBuilder().setBoolValue(bool).build();
              default -> Value.newBuilder().setStringValue(field.toString()).build();
            }));
    return struct.build();
  }

  /** The template of an echo task; not registered. */
  static TaskTemplate.Builder echo(String name) {
    return echo(name, INTEGER);
  }

  private static TaskTemplate.Builder echo(String name, Variable type) {
    var template =
        TaskTemplate.newBuilder()
            .setId(id(ResourceType.TASK, name))
            .setType("echo")
            .setInterface(signature(type));
    template.getMetadataBuilder().getRuntimeBuilder().setVersion("1");
    return template;
  }

  /**
   * One array node {@code n0}, with an element for each integer of a list, which is its output too.
   *
   * @param parallelism how many elements run at once
   * @return the launch plan
   */
  Identifier map(String name, Duration sleep, int parallelism) {
    var element = node("n0", task(sleep, INTEGERS), START).toBuilder().clearInputs();
    var array = Node.newBuilder().setId("n0").addInputs(promise(START));
    array.getMetadataBuilder().setName(name);
    array.getArrayNodeBuilder().setNode(element).setParallelism(parallelism);
    return register(template(name, List.of(array.build()), INTEGERS), List.of());
  }

  /** The inputs of one execution of a map: the integers from 0 on. */
  static LiteralMap integers(int count) {
    var list = Literal.newBuilder();
    var elements = list.getCollectionBuilder();
    for (int x = 0; x < count; x++) {
      elements.addLiterals(inputs(x).getLiteralsOrThrow(VARIABLE));
    }
    return LiteralMap.newBuilder().putLiterals(VARIABLE, list.build()).build();
  }

  /**
   * A gate {@code n0} that waits for an integer, the signal {@code value}, then a step {@code n1}
   * that passes it on.
   *
   * @param timeout how long it waits; zero is for ever
   * @return the launch plan
   */
  Identifier signal(String name, Duration timeout) {
    var gate = Node.newBuilder().setId("n0");
    gate.getMetadataBuilder().getTimeoutBuilder().setSeconds(timeout.toSeconds());
    gate.getGateNodeBuilder()
        .getSignalBuilder()
        .setSignalId("value")
        .setType(INTEGER.getType())
        .setOutputVariableName(VARIABLE);
    return register(name, List.of(gate.build(), node("n1", task(Duration.ZERO), "n0")));
  }

  /**
   * A gate {@code n0} that lets the input pass if the signal {@code review} approves, then a step.
   *
   * @return the launch plan
   */
  Identifier approval(String name) {
    var gate = Node.newBuilder().setId("n0").addInputs(promise(START));
    gate.getGateNodeBuilder().getApproveBuilder().setSignalId("review");
    return register(name, List.of(gate.build(), node("n1", task(Duration.ZERO), "n0")));
  }

  /**
   * A gate {@code n0} that sleeps, then a step.
   *
   * @return the launch plan
   */
  Identifier sleep(String name, Duration duration) {
    var gate = Node.newBuilder().setId("n0");
    gate.getGateNodeBuilder()
        .getSleepBuilder()
        .getDurationBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano());
    var step = node("n1", task(Duration.ZERO), START).toBuilder().addUpstreamNodeIds("n0");
    return register(name, List.of(gate.build(), step.build()));
  }

  /** The inputs of one execution. */
  static LiteralMap inputs(long x) {
    return LiteralMap.newBuilder().putLiterals(VARIABLE, integer(x)).build();
  }

  static Literal integer(long x) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setInteger(x);
    return literal.build();
  }

  /** A task that sleeps; zero is not at all. */
  Identifier task(Duration sleep) {
    return task(sleep, INTEGER);
  }

  private Identifier task(Duration sleep, Variable type) {
    var name = (type.equals(INTEGER) ? "echo_" : "echo_all_") + sleep.toMillis();
    return tasks.computeIfAbsent(name, _ -> registerTask(name, sleep, type));
  }

  private Identifier registerTask(String name, Duration sleep, Variable type) {
    var template = echo(name, type);
    if (!sleep.isZero()) {
      var text = Value.newBuilder().setStringValue(sleep.toMillis() + "ms").build();
      template.setCustom(Struct.newBuilder().putFields("sleep", text));
    }
    return registered(template.build());
  }

  /** Registers a task. */
  Identifier registered(TaskTemplate template) {
    var request = TaskCreateRequest.newBuilder().setId(template.getId());
    request.getSpecBuilder().setTemplate(template);
    client.admin().createTask(request.build());
    return template.getId();
  }

  private Identifier register(String name, List<Node> nodes) {
    return register(template(name, nodes, INTEGER), List.of());
  }

  /**
   * Registers a workflow with its launch plan.
   *
   * @param inner the workflows that it runs as parts of itself
   * @return the launch plan
   */
  Identifier register(WorkflowTemplate template, List<WorkflowTemplate> inner) {
    var workflow = WorkflowCreateRequest.newBuilder().setId(template.getId());
    workflow.getSpecBuilder().setTemplate(template).addAllSubWorkflows(inner);
    client.admin().createWorkflow(workflow.build());
    var plan =
        LaunchPlanCreateRequest.newBuilder()
            .setId(id(ResourceType.LAUNCH_PLAN, template.getId().getName()));
    var x = template.getInterface().getInputs().getVariablesOrThrow(VARIABLE);
    plan.getSpecBuilder()
        .setWorkflowId(workflow.getId())
        .getDefaultInputsBuilder()
        .putParameters(VARIABLE, Parameter.newBuilder().setVar(x).setRequired(true).build());
    client.admin().createLaunchPlan(plan.build());
    return plan.getId();
  }

  /** A workflow whose output is that of its last node; not registered. */
  static WorkflowTemplate template(String name, List<Node> nodes) {
    return template(name, nodes, INTEGER);
  }

  private static WorkflowTemplate template(String name, List<Node> nodes, Variable type) {
    var template =
        WorkflowTemplate.newBuilder()
            .setId(id(ResourceType.WORKFLOW, name))
            .setInterface(signature(type))
            .addAllNodes(nodes)
            .addOutputs(promise(nodes.getLast().getId()));
    template.getMetadataBuilder();
    template.getMetadataDefaultsBuilder();
    return template.build();
  }

  static Identifier id(ResourceType type, String name) {
    return Identifier.newBuilder()
        .setResourceType(type)
        .setProject(EngineClient.PROJECT)
        .setDomain(EngineClient.DOMAIN)
        .setName(name)
        .setVersion(VERSION)
        .build();
  }

  static TypedInterface signature() {
    return signature(INTEGER);
  }

  private static TypedInterface signature(Variable type) {
    var signature = TypedInterface.newBuilder();
    signature.getInputsBuilder().putVariables(VARIABLE, type);
    signature.getOutputsBuilder().putVariables(VARIABLE, type);
    return signature.build();
  }

  static Node node(String id, Identifier task, String upstream) {
    var node = Node.newBuilder().setId(id).addInputs(promise(upstream));
    node.getMetadataBuilder().setName(id);
    node.getTaskNodeBuilder().setReferenceId(task);
    if (!upstream.equals(START)) {
      node.addUpstreamNodeIds(upstream);
    }
    return node.build();
  }

  static Binding promise(String node) {
    var binding = Binding.newBuilder().setVar(VARIABLE);
    binding
        .getBindingBuilder()
        .getPromiseBuilder()
        .setNodeId(node.equals(START) ? "" : node)
        .setVar(VARIABLE);
    return binding.build();
  }
}
