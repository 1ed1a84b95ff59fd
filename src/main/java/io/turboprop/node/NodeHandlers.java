package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.entity.Worker;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.state.GraphState;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** Makes the worker for an assignment, with the handler for its kind of node. */
public final class NodeHandlers implements Worker.Factory {

  /**
   * The components that handlers need.
   *
   * @param storage stores values, up to its limit of size
   * @param blocking the threads for blocking calls
   */
  public record Environment(
      NodeSettings settings,
      BlobStorage storage,
      Tasks tasks,
      Executions executions,
      Executor blocking,
      Clock clock,
      Meters meters) {}

  /**
   * The components that run tasks.
   *
   * @param templates finds the template of a task of a plan, by the plan's digest
   * @param caches gives each attempt its view of the catalog
   * @param offloading reads and writes literals that are too large for their map
   */
  public record Tasks(
      TaskPlugins plugins,
      BiFunction<String, EntityId, TaskTemplate> templates,
      AttemptCaches caches,
      LiteralOffloading offloading) {}

  /**
   * The components outside of a node's own execution.
   *
   * @param past the nodes of earlier executions
   * @param children the executions that launch plan nodes start
   * @param dynamicPlans compiles the graphs of dynamic tasks
   * @param launchPlanOutputs gives the names of a launch plan's outputs; may block
   * @param signals the signals that gates wait for
   */
  public record Executions(
      PastNodes past,
      ChildExecutions children,
      DynamicPlans dynamicPlans,
      Function<EntityId, Set<String>> launchPlanOutputs,
      Signals signals) {}

  private final Environment environment;
  private final NodeInputsReader inputs;
  private final ValuesWriter values;
  private final DeckCopies decks;
  private final TaskResults results;
  private final TaskDurations durations = new TaskDurations();
  private final ExecutionSpecs specs = new ExecutionSpecs();
  private final NodeMeters meters;

  public NodeHandlers(Environment environment) {
    this.environment = environment;
    this.meters = new NodeMeters(environment.meters(), environment.clock());
    this.inputs =
        new NodeInputsReader(
            environment.storage().store(),
            environment.storage().layout(),
            environment.blocking(),
            environment.storage().valueBytesMax());
    this.values =
        new ValuesWriter(
            environment.storage().store(), environment.storage().layout(), environment.blocking());
    this.decks =
        new DeckCopies(
            environment.storage().store(),
            environment.storage().layout(),
            new BlockingCalls(environment.blocking()));
    this.results =
        new TaskResults(
            environment.storage().store(),
            values,
            environment.executions().dynamicPlans(),
            environment.blocking(),
            environment.storage().valueBytesMax());
  }

  @Override
  public Behavior<Worker.Message> worker(Assignment assignment, ActorRef<NodeReport> reports) {
    return NodeActor.create(
        environment.settings().calls(),
        assignment,
        lookAgain ->
            meters.measured(
                assignment,
                reusing(assignment, remains -> handler(assignment, remains, lookAgain))),
        reports);
  }

  private NodeHandler handler(Assignment assignment, RecoveryState remains, Runnable lookAgain) {
    return switch (assignment.node().kind()) {
      case NodeKind.Task task -> task(assignment, task, remains, lookAgain);
      case NodeKind.End _ -> GraphValuesHandler.outputs(assignment, inputs, values);
      case NodeKind.SubWorkflow _ -> GraphValuesHandler.inputs(assignment, inputs, values);
      case NodeKind.Branch _ -> GraphValuesHandler.inputsAtHand(assignment, inputs);
      case NodeKind.LaunchPlan(var launchPlan) ->
          new LaunchPlanHandler(
              assignment,
              launchPlan,
              specs.of(assignment),
              remains.child(),
              environment.executions().children(),
              inputs,
              values,
              environment.settings().nestingMax(),
              environment.clock());
      case NodeKind.Gate(var condition) ->
          new GateHandler(
              assignment,
              condition,
              environment.executions().signals(),
              inputs,
              values,
              environment.clock());
      case NodeKind.Array array -> array(assignment, array);
      case NodeKind.Start _ ->
          throw new IllegalStateException("no work is to be done for " + assignment.node());
    };
  }

  /**
   * The handler of a node; if the execution reuses an earlier one, a handler that first looks the
   * node up there.
   */
  private NodeHandler reusing(
      Assignment assignment, Function<RecoveryState, NodeHandler> handlers) {
    if (!assignment.execution().settings().looksForRecovery()
        || assignment.work().attempt() > 0
        || assignment.finished().isPresent()
        || assignment.node().kind() instanceof NodeKind.End) {
      return handlers.apply(RecoveryState.NONE);
    }
    return Reuse.of(specs.of(assignment))
        .filter(reuse -> reuse.recovers() || !isTaskOfArray(assignment))
        .<NodeHandler>map(reuse ->
            new ReuseHandler(
                assignment,
                reuse.earlier(),
                reuse.recovers()
                    ? new ReuseHandler.Rule.Recover()
                    : new ReuseHandler.Rule.Unchanged(content(assignment)),
                environment.executions().past(),
                inputs,
                values,
                decks,
                handlers,
                environment.blocking()))
        .orElseGet(() -> handlers.apply(RecoveryState.NONE));
  }

  /**
   * Whether the node is an element of an array of tasks: the earlier execution has recorded the
   * inputs of the array only, so the inputs of a single element are unknown.
   */
  private static boolean isTaskOfArray(Assignment assignment) {
    return assignment.element().isPresent() && assignment.node().kind() instanceof NodeKind.Task;
  }

  private ByteString content(Assignment assignment) {
    return NodeContent.of(
        assignment.node(),
        task -> environment.tasks().templates().apply(assignment.plan().digest(), task));
  }

  private NodeHandler array(Assignment assignment, NodeKind.Array array) {
    return new ArrayHandler(
        assignment,
        array,
        inputs,
        values,
        new OutputNames(
            task -> environment.tasks().templates().apply(assignment.plan().digest(), task),
            environment.executions().launchPlanOutputs()),
        environment.blocking(),
        environment.storage().valueBytesMax(),
        new OffloadedLists(environment.storage().store(), environment.tasks().offloading()));
  }

  private TaskTemplate template(Assignment assignment, NodeKind.Task node) {
    var declared = environment.tasks().templates().apply(assignment.plan().digest(), node.task());
    return assignment
        .element()
        .map(element -> ElementTemplate.of(declared, element.array().encoding()))
        .orElse(declared);
  }

  private NodeHandler task(
      Assignment assignment, NodeKind.Task node, RecoveryState remains, Runnable lookAgain) {
    var template = template(assignment, node);
    var plugin = environment.tasks().plugins().find(template.getType());
    if (plugin.isEmpty()) {
      meters.unsupportedTaskType();
      return new RefusedHandler(
          ExecutionError.system(
              "UnsupportedTaskType",
              "no plugin takes tasks of type '%s' (%s); configure turboprop.tasks"
                  .formatted(template.getType(), node.task())));
    }
    var task =
        new TaskAttempt(
            assignment,
            template,
            specs.of(assignment),
            environment.storage().store(),
            environment.storage().layout(),
            remains.checkpoints(),
            environment.tasks().offloading().environment(template.getMetadata().getRuntime()),
            lookAgain);
    var cache = environment.tasks().caches().of(task, node.overrides());
    if (assignment.finished().isPresent()) {
      return dynamicEnd(task, assignment.finished().orElseThrow(), cache);
    }
    var handler =
        new TaskHandler(
            task,
            speculative(task, plugin.orElseThrow()),
            environment.tasks().offloading(),
            inputs,
            cache,
            results,
            values,
            new TaskHandler.Waiting(
                environment.settings().reservationInterval(),
                environment.settings().queueTimeout()),
            environment.clock());
    return remains
        .graph()
        .<NodeHandler>map(graph -> keptGraph(task, graph, handler))
        .orElse(handler);
  }

  private NodeHandler keptGraph(TaskAttempt task, DataReference graph, NodeHandler handler) {
    return new KeptGraphHandler(
        task,
        graph,
        environment.executions().dynamicPlans(),
        environment.storage().store(),
        handler,
        environment.blocking());
  }

  private TaskPlugin speculative(TaskAttempt task, TaskPlugin plugin) {
    return Speculation.isWanted(task.template(), specs.of(task.assignment()))
        ? new SpeculativePlugin(
            plugin,
            environment.settings().speculation(),
            durations,
            environment.blocking(),
            environment.clock())
        : plugin;
  }

  private NodeHandler dynamicEnd(TaskAttempt task, GraphState graph, AttemptCache cache) {
    return new DynamicEndHandler(
        task,
        graph,
        inputs,
        cache,
        results,
        values,
        environment.storage().store(),
        environment.blocking(),
        environment.storage().valueBytesMax());
  }
}
