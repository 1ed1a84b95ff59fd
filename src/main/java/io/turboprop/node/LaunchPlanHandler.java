package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.Values;
import io.turboprop.node.ChildExecutions.ChildStatus;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.setting.BackOff;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an attempt of a launch plan node ({@code WorkflowNode.launchplan_ref}): starts a child
 * execution, sleeps until the child's end is notified, and takes over its result. A failed child is
 * not started again, since its own nodes had retries.
 *
 * <p>Two differences from FlytePropeller: a start that fails for a passing reason is repeated, and
 * a timed-out child counts as failed.
 */
final class LaunchPlanHandler implements NodeHandler {
  private static final Logger LOG = LoggerFactory.getLogger(LaunchPlanHandler.class);

  /** The pauses before the child's status is read again after failed reads. */
  private static final BackOff PAUSES = new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  private static final Progress STARTED =
      new Progress(TaskPhase.RUNNING.number(), 0, ByteString.EMPTY, ByteString.EMPTY);

  private final Assignment assignment;
  private final EntityId launchPlan;
  private final ExecutionSpec parent;
  private final Optional<Reuse> reuse;
  private final ChildExecutions children;
  private final NodeInputsReader inputs;
  private final ValuesWriter writer;
  private final int nestingMax;
  private final Clock clock;
  private final ExecutionId child;

  private Optional<Instant> startedAt = Optional.empty();

  /** How many reads of the child's status in a row have failed. */
  private int failedReads;

  /**
   * @param parent the options of the node's execution
   * @param reuse the earlier execution that the child reuses; FlytePropeller starts a failed child
   *     from scratch
   * @param nestingMax how deeply executions may be nested, so that a launch plan that starts itself
   *     comes to an end
   */
  LaunchPlanHandler(
      Assignment assignment,
      EntityId launchPlan,
      ExecutionSpec parent,
      Optional<Reuse> reuse,
      ChildExecutions children,
      NodeInputsReader inputs,
      ValuesWriter writer,
      int nestingMax,
      Clock clock) {
    this.assignment = assignment;
    this.launchPlan = launchPlan;
    this.parent = parent;
    this.reuse = reuse;
    this.children = children;
    this.inputs = inputs;
    this.writer = writer;
    this.nestingMax = nestingMax;
    this.clock = clock;
    var execution = assignment.execution().id();
    this.child =
        new ExecutionId(
            execution.project(),
            execution.domain(),
            Naming.childExecutionName(
                execution.name(), assignment.uniqueNodeId(), assignment.work().attempt()));
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return progress.hasStarted() ? look() : start();
  }

  private CompletionStage<NodeTransition> start() {
    if (parent.getMetadata().getNesting() >= nestingMax) {
      return done(
          failed(
              ExecutionError.user(
                  "NestingTooDeep",
                  "execution %s is nested %d deep, the limit of turboprop.node.nesting-max, so it may not start another execution. Does %s start itself?"
                      .formatted(assignment.execution().id().name(), nestingMax, launchPlan))));
    }
    return inputs
        .read(assignment)
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) -> startWith(literals);
              case NodeInputsReader.Result.Impossible(var message) ->
                  done(GraphValuesHandler.impossible(message));
            });
  }

  private CompletionStage<NodeTransition> startWith(Literals literals) {
    startedAt = Optional.of(clock.instant());
    return children
        .start(
            new ChildExecutions.NewChild(
                child,
                ChildSpecs.of(assignment, launchPlan, parent, reuse),
                literals,
                assignment.execution(),
                assignment.path(),
                assignment.work().attempt()))
        .thenCompose(this::transition);
  }

  /**
   * A failed read of the status is repeated for ever, since only the child's row knows its result.
   * What fails after the read is left to the caller, and its retry budget.
   */
  private CompletionStage<NodeTransition> look() {
    return children
        .look(child)
        .handle((status, failure) -> failure == null ? seen(status) : unseen(failure))
        .thenCompose(Function.identity());
  }

  private CompletionStage<NodeTransition> seen(ChildStatus status) {
    failedReads = 0;
    return transition(status);
  }

  private CompletionStage<NodeTransition> unseen(Throwable failure) {
    failedReads++;
    var pause = PAUSES.jitteredAfter(failedReads);
    LOG.warn(
        "{}: the status of the child execution {} can't be read now; the next read is in {}: {}",
        assignment.execution().id(),
        child,
        pause,
        failure.toString());
    return done(new NodeTransition.Running(STARTED, new LookAgain.After(pause)));
  }

  private CompletionStage<NodeTransition> transition(ChildStatus status) {
    return switch (status) {
      case ChildStatus.Running _ ->
          done(new NodeTransition.Running(STARTED, new LookAgain.At(NodeState.Active.UNTIL_TOLD)));
      case ChildStatus.Succeeded(var outputs) ->
          kept(outputs).thenApply(values -> new NodeTransition.Succeeded(values, conclusion()));
      case ChildStatus.Failed(var error) -> done(failed(error.orElseGet(this::unexplained)));
      case ChildStatus.Aborted(var cause) ->
          done(
              failed(
                  ExecutionError.user(
                      "RemoteChildWorkflowExecutionFailed",
                      "execution %s was aborted: %s".formatted(child.name(), cause))));
      case ChildStatus.Refused(var reason) ->
          done(
              new NodeTransition.Failed(
                  ExecutionError.user(
                      "RuntimeExecutionError",
                      "%s can't be launched as %s: %s".formatted(launchPlan, child.name(), reason)),
                  false,
                  AttemptSummary.NONE));
      case ChildStatus.Missing _ ->
          done(
              failed(
                  ExecutionError.system(
                      "NotFound", "execution %s does not exist any more".formatted(child))));
    };
  }

  /** Outputs in a file stay in the child's folder. */
  private CompletionStage<Values> kept(Values outputs) {
    return switch (outputs) {
      case Values.Inline(var literals) -> writer.outputs(assignment, literals);
      case Values.Stored stored -> CompletableFuture.completedFuture(stored);
    };
  }

  private ExecutionError unexplained() {
    return ExecutionError.user(
        "LaunchPlanExecutionFailed", "execution %s has failed".formatted(child.name()));
  }

  private NodeTransition failed(ExecutionError error) {
    return new NodeTransition.Failed(error, false, conclusion());
  }

  /** The start time is recorded with the sleep, or with the end if there was no sleep. */
  private AttemptSummary conclusion() {
    return new AttemptSummary(
        startedAt, ByteString.EMPTY, AttemptSummary.Cache.DISABLED, Optional.empty());
  }

  private static CompletionStage<NodeTransition> done(NodeTransition transition) {
    return CompletableFuture.completedFuture(transition);
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return children.abort(
        child,
        "cascading abort as parent execution id [%s] aborted, reason [%s]"
            .formatted(assignment.execution().id().name(), cause));
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return CompletableFuture.completedFuture(null);
  }
}
