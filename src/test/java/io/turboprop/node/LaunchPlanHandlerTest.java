package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.KeyValuePair;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FailingDataStore;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.node.ChildExecutions.ChildStatus;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LaunchPlanHandlerTest {
  private static final EntityId LAUNCH_PLAN =
      new EntityId(EntityId.Kind.LAUNCH_PLAN, "p", "d", "flows.child", "v3");
  private static final ExecutionId PARENT = new ExecutionId("p", "d", "parent");
  private static final NodePath PATH = NodePath.root("n0").child(1, "n2");
  private static final ExecutionId CHILD = new ExecutionId("p", "d", "parent-n0-1-n2-0");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int NESTING_MAX = 3;
  private static final Values OUTPUTS = new Values.Inline(Literals.of(Map.of("o0", integer(6))));

  private final TestingChildren children = new TestingChildren();
  private final LaunchPlanHandler handler = handler(parentSpec(1));

  @Test
  void theChildIsNamedAfterTheNodeAndTheNodeSleepsUntilNotified() {
    var running = (NodeTransition.Running) handle(Progress.NONE);

    assertThat(running.lookAgain()).isEqualTo(new LookAgain.At(NodeState.Active.UNTIL_TOLD));
    assertThat(running.progress().hasStarted()).isTrue();
    var order = children.orders.getFirst();
    assertThat(order.id()).isEqualTo(CHILD);
    assertThat(order.inputs()).isEqualTo(Literals.of(Map.of("x", integer(3))));
    assertThat(order.node()).isEqualTo(PATH);
    assertThat(order.parent().id()).isEqualTo(PARENT);
  }

  @Test
  void theChildReusesAnEarlierExecution() {
    var earlier = new ExecutionId("p", "d", "earlier-n2-0");
    handler(parentSpec(1), Optional.of(new Reuse(earlier, true))).handle(Progress.NONE);
    handler(parentSpec(1), Optional.of(new Reuse(earlier, false))).handle(Progress.NONE);

    var recovering = children.orders.getFirst().spec();
    assertThat(Reuse.of(recovering)).contains(new Reuse(earlier, true));
    assertThat(recovering.getMetadata().getNesting()).isEqualTo(2);
    var repeating = children.orders.getLast().spec();
    assertThat(repeating.getAnnotations().getValuesMap())
        .containsEntry(Reuse.RECOMPUTE_FROM, "earlier-n2-0");
    assertThat(repeating.getMetadata().getMode()).isEqualTo(ExecutionMode.CHILD_WORKFLOW);
  }

  @Test
  void theChildTakesOverTheOptionsOfItsParent() {
    handle(Progress.NONE);

    var spec = children.orders.getFirst().spec();
    var parent = parentSpec(1);
    assertThat(spec.getLaunchPlan().getName()).isEqualTo("flows.child");
    assertThat(spec.getLabels()).isEqualTo(parent.getLabels());
    assertThat(spec.getAnnotations().getValuesMap()).containsOnly(Map.entry("note", "kept"));
    assertThat(spec.getSecurityContext()).isEqualTo(parent.getSecurityContext());
    assertThat(spec.getMaxParallelism()).isEqualTo(7);
    assertThat(spec.getRawOutputDataConfig()).isEqualTo(parent.getRawOutputDataConfig());
    assertThat(spec.getInterruptible().getValue()).isTrue();
    assertThat(spec.getOverwriteCache()).isTrue();
    assertThat(spec.getEnvs()).isEqualTo(parent.getEnvs());
    assertThat(spec.getMetadata().getMode()).isEqualTo(ExecutionMode.CHILD_WORKFLOW);
    assertThat(spec.getMetadata().getNesting()).isEqualTo(2);
    assertThat(spec.getMetadata().getPrincipal()).isEqualTo("somebody");
    assertThat(spec.getMetadata().getParentNodeExecution().getNodeId()).isEqualTo("n0-1-n2");
    assertThat(spec.getMetadata().getParentNodeExecution().getExecutionId())
        .isEqualTo(
            WorkflowExecutionIdentifier.newBuilder()
                .setProject("p")
                .setDomain("d")
                .setName("parent")
                .build());
  }

  @Test
  void aChildThatWasStartedIsOnlyLookedAt() {
    handle(started());

    assertThat(children.orders).isEmpty();
    assertThat(children.looks).containsExactly(CHILD);
  }

  @Test
  void theOutputsOfTheChildAreThoseOfTheNode() {
    children.stand(new ChildStatus.Succeeded(OUTPUTS));
    assertThat(succeeded(started()).outputs()).isEqualTo(OUTPUTS);

    var stored = new Values.Stored(new DataReference("memory://bucket/outputs.pb"));
    children.stand(new ChildStatus.Succeeded(stored));
    assertThat(succeeded(started()).outputs()).isEqualTo(stored);
  }

  @Test
  void aChildThatEndedBeforeAnybodySleptSaysWhenItWasStarted() {
    children.stand(new ChildStatus.Succeeded(OUTPUTS));

    assertThat(succeeded(Progress.NONE).conclusion().startedAt()).contains(NOW);
  }

  @Test
  void theErrorOfTheChildIsThatOfTheNodeAndNoRetryFollows() {
    var error = ExecutionError.system("Oops", "why");
    children.stand(new ChildStatus.Failed(Optional.of(error)));
    assertThat(failed(started()).error()).isEqualTo(error);
    assertThat(failed(started()).recoverable()).isFalse();

    children.stand(new ChildStatus.Failed(Optional.empty()));
    assertThat(failed(started()).error().code()).isEqualTo("LaunchPlanExecutionFailed");
  }

  @Test
  void anAbortedOrDeletedChildFailsTheNode() {
    children.stand(new ChildStatus.Aborted("by hand"));
    assertThat(failed(started()).error())
        .isEqualTo(
            ExecutionError.user(
                "RemoteChildWorkflowExecutionFailed",
                "execution parent-n0-1-n2-0 was aborted: by hand"));

    children.stand(new ChildStatus.Missing());
    assertThat(failed(started()).error().kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
    assertThat(failed(started()).error().code()).isEqualTo("NotFound");
  }

  @Test
  void aChildThatMayNotBeStartedFailsTheNodeAndIsNotShownAsStarted() {
    children.stand(new ChildStatus.Refused("no such launch plan"));
    var failed = failed(Progress.NONE);

    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(failed.error().code()).isEqualTo("RuntimeExecutionError");
    assertThat(failed.error().message()).contains("no such launch plan");
    assertThat(failed.conclusion().startedAt()).isEmpty();
    finish();
    assertThat(children.aborts).isEmpty();
  }

  @Test
  void aLookThatFailsIsRepeatedWithGrowingPauses() {
    children.fail();
    for (int i = 0; i < 10; i++) {
      var _ = handle(started());
    }
    assertThat(pauseOfLook()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));

    children.stand(new ChildStatus.Running());
    var _ = handle(started());
    children.fail();
    assertThat(pauseOfLook()).isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  private Duration pauseOfLook() {
    var running = (NodeTransition.Running) handle(started());
    return ((LookAgain.After) running.lookAgain()).delay();
  }

  @Test
  void outputsThatCannotBeKeptAreAFailureOfTheCall() {
    var text = "x".repeat((int) ExecutionSettings.DEFAULT.inlineBytesMax());
    var large =
        Literal.newBuilder()
            .setScalar(
                Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setStringValue(text)))
            .build();
    children.stand(new ChildStatus.Succeeded(new Values.Inline(Literals.of(Map.of("o0", large)))));
    var failing =
        handler(
            parentSpec(1),
            Optional.empty(),
            new FailingDataStore(new MemoryDataStore(), () -> true));
    assertThat(failing.handle(started()).toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void aFailedStartIsRepeatedByTheCaller() {
    children.fail();
    assertThat(handler.handle(Progress.NONE).toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void aSleepingNodeLeavesTheChildAlone() {
    handle(Progress.NONE);
    finish();
    assertThat(children.aborts).isEmpty();
  }

  @Test
  void theChildsAbortHasTheParentsCause() {
    await(handler.abort(started(), "enough"));
    assertThat(children.aborts)
        .containsExactly(
            CHILD.name()
                + ": cascading abort as parent execution id [parent] aborted, reason [enough]");
  }

  @Test
  void aLaunchPlanThatStartsItselfComesToAnEnd() {
    var deep = handler(parentSpec(NESTING_MAX));
    var failed = (NodeTransition.Failed) await(deep.handle(Progress.NONE));

    assertThat(failed.error().code()).isEqualTo("NestingTooDeep");
    assertThat(failed.error().message()).contains("turboprop.node.nesting-max");
    assertThat(failed.recoverable()).isFalse();
    assertThat(children.orders).isEmpty();
  }

  private NodeTransition handle(Progress progress) {
    return await(handler.handle(progress));
  }

  private NodeTransition.Succeeded succeeded(Progress progress) {
    return (NodeTransition.Succeeded) handle(progress);
  }

  private NodeTransition.Failed failed(Progress progress) {
    return (NodeTransition.Failed) handle(progress);
  }

  private void finish() {
    await(handler.finish(started()));
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Progress started() {
    return new Progress(5, 0, ByteString.EMPTY, ByteString.EMPTY);
  }

  private LaunchPlanHandler handler(ExecutionSpec parent) {
    return handler(parent, Optional.empty());
  }

  private LaunchPlanHandler handler(ExecutionSpec parent, Optional<Reuse> reuse) {
    return handler(parent, reuse, new MemoryDataStore());
  }

  private LaunchPlanHandler handler(ExecutionSpec parent, Optional<Reuse> reuse, DataStore store) {
    return new LaunchPlanHandler(
        assignment(parent),
        LAUNCH_PLAN,
        parent,
        reuse,
        children,
        new NodeInputsReader(store, Layout.of(store.base()), Runnable::run, 1 << 20),
        new ValuesWriter(store, Layout.of(store.base()), Runnable::run),
        NESTING_MAX,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static Assignment assignment(ExecutionSpec parent) {
    var binding =
        new Binding(
            "x",
            BindingData.newBuilder()
                .setPromise(OutputReference.newBuilder().setNodeId("n1").setVar("o0"))
                .build());
    var node =
        new PlanNode(
            "n2", "n2", new NodeKind.LaunchPlan(LAUNCH_PLAN), List.of(binding), NodePolicy.DEFAULT);
    var sources = new Values.Inline(Literals.of(Map.of("o0", integer(3))));
    return new Assignment(
        execution(parent),
        TestingPlans.chain("n0"),
        PATH,
        "n0-1-n2",
        node,
        new Work.RunNode(PATH, 0),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("n1", sources),
        Progress.NONE,
        false,
        1,
        NOW);
  }

  private static AcceptedExecution execution(ExecutionSpec spec) {
    return new AcceptedExecution(
        PARENT,
        1,
        "digest",
        Values.NONE,
        ExecutionSettings.DEFAULT,
        spec.toByteString(),
        NOW,
        0,
        List.of());
  }

  private static ExecutionSpec parentSpec(int nesting) {
    var spec = ExecutionSpec.newBuilder().setMaxParallelism(7).setOverwriteCache(true);
    spec.getMetadataBuilder().setNesting(nesting).setPrincipal("somebody");
    spec.getLabelsBuilder().putValues("team", "blue");
    spec.getAnnotationsBuilder()
        .putValues("note", "kept")
        .putValues(Reuse.RECOMPUTE_FROM, "earlier");
    spec.getSecurityContextBuilder().getRunAsBuilder().setK8SServiceAccount("runner");
    spec.getRawOutputDataConfigBuilder().setOutputLocationPrefix("memory://elsewhere");
    spec.getEnvsBuilder().addValues(KeyValuePair.newBuilder().setKey("LEVEL").setValue("debug"));
    return spec.setInterruptible(BoolValue.of(true)).build();
  }

  private static Literal integer(long value) {
    return Literal.newBuilder()
        .setScalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)))
        .build();
  }
}
