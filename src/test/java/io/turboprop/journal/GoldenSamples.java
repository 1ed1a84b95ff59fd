package io.turboprop.journal;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowStep;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the golden files in {@code src/test/resources/journal} hold. {@link #main} writes those that
 * are missing; one that is there is never written again.
 */
public final class GoldenSamples {
  public static final Plan PLAN = TestingPlans.chain("a", "b", "c");
  public static final Plans PLANS = digest -> PLAN;

  private static final Instant AT = Instant.parse("2026-01-01T12:00:00.123456Z");
  private static final Instant LATER = AT.plusSeconds(90);
  private static final NodePath NODE = NodePath.root("n0").child(1, "n7");
  private static final Values STORED = new Values.Stored(new DataReference("s3://b/k/outputs.pb"));
  private static final ExecutionError ERROR = ExecutionError.user("USER:ValueError", "no ∀ here");
  private static final Progress PROGRESS =
      new Progress(5, 2, ByteString.copyFromUtf8("state"), ByteString.copyFromUtf8("details"));
  private static final AttemptSummary CONCLUSION =
      new AttemptSummary(
          Optional.of(AT.minusMillis(1_500)),
          ByteString.copyFromUtf8("details"),
          new Cache(CacheStatus.POPULATED, ByteString.copyFromUtf8("key")),
          Optional.of("s3://b/k/deck.html"));
  private static final ExecutionSettings SETTINGS =
      new ExecutionSettings(
          25,
          true,
          3,
          1,
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          4_096,
          1_000,
          250_000,
          false);

  private GoldenSamples() {}

  public static List<WorkflowEvent> events() {
    return List.of(
        new WorkflowEvent.Started("0123abcd", TestingPlans.output(), SETTINGS, AT),
        new WorkflowEvent.Succeeding(AT),
        new WorkflowEvent.Succeeded(STORED, AT),
        new WorkflowEvent.Failing(ERROR, AT),
        new WorkflowEvent.Failed(ERROR, AT),
        new WorkflowEvent.Aborting("enough", AT),
        new WorkflowEvent.Aborted("enough", AT),
        new WorkflowEvent.NodeQueued(NODE, AT),
        new WorkflowEvent.GraphOpened(
            NODE, 1, TestingPlans.output(), new Subgraph.SubWorkflow(), AttemptSummary.NONE, AT),
        opened(new Subgraph.BranchArm("n0")),
        opened(new Subgraph.ArrayElements(3)),
        opened(new Subgraph.Dynamic("0123abcd")),
        new WorkflowEvent.GraphEnded(NODE, 1, AT),
        new WorkflowEvent.NodeRecovered(NODE, 1, TestingPlans.output(), CONCLUSION, AT),
        new WorkflowEvent.GraphFailing(NODE, 1, ERROR, AT),
        new WorkflowEvent.NodeRunning(NODE, 1, PROGRESS, Optional.of(LATER), AT),
        new WorkflowEvent.NodeAwoken(NODE, 1, AT),
        new WorkflowEvent.NodeExpired(NODE, 1, WorkflowEvent.Expiry.ACTIVE, ERROR, AT),
        retrying(Permit.UNRECORDED),
        retrying(Permit.KEPT),
        retrying(Permit.RELEASED),
        new WorkflowEvent.NodeRequeued(NODE, 2, AT),
        new WorkflowEvent.NodeSucceeded(NODE, 1, TestingPlans.output(), CONCLUSION, AT),
        new WorkflowEvent.NodeFailed(NODE, 1, ERROR, CONCLUSION, AT),
        new WorkflowEvent.NodeTimedOut(NODE, 1, ERROR, AT),
        new WorkflowEvent.NodeSkipped(NODE, AT),
        new WorkflowEvent.NodeAborted(NODE, 1, "enough", AT));
  }

  private static WorkflowEvent opened(Subgraph contents) {
    return new WorkflowEvent.GraphOpened(NODE, 1, STORED, contents, CONCLUSION, AT);
  }

  private static WorkflowEvent retrying(Permit permit) {
    return new WorkflowEvent.NodeRetrying(NODE, 1, ERROR, CONCLUSION, LATER, permit, AT);
  }

  public static List<WorkflowState> states() {
    var header = new WorkflowState.Header(PLAN, PLANS, TestingPlans.output(), SETTINGS, AT);
    return List.of(
        new WorkflowState.NotStarted(PLANS),
        new WorkflowState.Running(header, tree()),
        new WorkflowState.Succeeding(header, STORED),
        new WorkflowState.Done(header, new WorkflowState.Outcome.Failed(ERROR)));
  }

  /** All phases of a node at once, more than a machine would allow. */
  private static NodeTree tree() {
    var nodes =
        Vector.<NodeState>of(
            new NodeState.Ended(
                NodeState.NodePhase.SUCCEEDED, 0, TestingPlans.output(), Optional.empty()),
            new NodeState.Pending(),
            new NodeState.Active(
                1,
                1,
                AT,
                Optional.of(LATER),
                PROGRESS,
                Optional.of(LATER),
                Optional.empty(),
                false),
            new NodeState.Paused(2, 1, AT, LATER, false),
            new NodeState.Expiring(0, 0, AT, WorkflowEvent.Expiry.EXECUTION, ERROR, false));
    var root =
        new GraphState(
            PLAN.root(),
            new Subgraph.SubWorkflow(),
            TestingPlans.output(),
            nodes,
            0,
            4,
            0,
            3,
            Optional.of(ERROR),
            Optional.of(new GraphState.Stop.Failed(ERROR)));
    return new NodeTree(root, 0, 0);
  }

  /**
   * @param version what has been written: 1 or 2, for the formats 0 and 1 of snapshots
   */
  public static String fileName(WorkflowState sample, int version) {
    return "WorkflowState.%s-v%d.bin".formatted(sample.getClass().getSimpleName(), version);
  }

  public static String fileName(WorkflowEvent sample) {
    var name = sample.getClass().getSimpleName();
    return switch (sample) {
      case WorkflowEvent.GraphOpened opened
          when !(opened.contents() instanceof Subgraph.SubWorkflow) ->
          "%s.%s-v1.bin".formatted(name, opened.contents().getClass().getSimpleName());
      case WorkflowEvent.NodeRetrying retrying when retrying.permit() != Permit.UNRECORDED ->
          "%s.%s-v2.bin".formatted(name, retrying.permit());
      case WorkflowEvent _ -> name + "-v1.bin";
    };
  }

  public static void main() throws IOException {
    var serializer = new JournalSerializer();
    var folder = Files.createDirectories(Path.of("src/test/resources/journal"));
    for (var event : events()) {
      var step = new WorkflowStep(List.of(event));
      write(folder.resolve(fileName(event)), serializer.toBinary(step));
    }
    for (var state : states()) {
      var stored = WorkflowStateCodec.encode(state);
      write(folder.resolve(fileName(state, 2)), serializer.toBinary(stored));
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    if (!Files.exists(file)) {
      Files.write(file, bytes);
    }
  }
}
