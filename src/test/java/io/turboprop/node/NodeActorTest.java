package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.DataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.node.TestingHandler.Call;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.setting.BackOff;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.Worker;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** An attempt with a handler that the test controls, and a clock that the test moves. */
final class NodeActorTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
  private static final ManualTime TIME = ManualTime.get(KIT.system());
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final NodeActor.Settings SETTINGS =
      new NodeActor.Settings(TIMEOUT, 3, new BackOff(PAUSE, PAUSE.multipliedBy(4)), LOOK);
  private static final NodePath NODE = NodePath.root("a");
  private static final Work.RunNode RUN = new Work.RunNode(NODE, 0);
  private static final Work.AbortNode ABORT = new Work.AbortNode(NODE, 0, "why");
  private static final NodeReport ABORTED = new NodeReport.Aborted(NODE, 0);

  private final TestProbe<Call> calls = KIT.createTestProbe();
  private final TestProbe<NodeReport> reports = KIT.createTestProbe();
  private final TestingHandler handler = new TestingHandler(calls);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void staysUntilItsEndIsRecordedAndCleansUpThen() {
    var actor = running();
    handler.answer(succeeded());
    reports.expectMessageClass(NodeReport.Succeeded.class);
    calls.expectNoMessage();
    actor.tell(new Worker.Release());
    calls.expectMessage(Call.FINISH);
    handler.done();
    calls.expectTerminated(actor);
  }

  @Test
  void aSleepingActorLeavesWithoutCleaningUp() {
    var actor = running();
    handler.answer(at(Instant.parse("2030-01-01T00:00:00Z")));
    reports.expectMessageClass(NodeReport.Running.class);
    actor.tell(new Worker.Leave());
    calls.expectTerminated(actor);
    calls.expectNoMessage();
  }

  @Test
  void anActorThatMustLeaveDuringACallLeavesAfterItWithoutAReport() {
    var actor = running();
    handler.answer(at(Instant.parse("2030-01-01T00:00:00Z")));
    reports.expectMessageClass(NodeReport.Running.class);
    actor.tell(new Worker.LookAgain());
    calls.expectMessage(Call.HANDLE);
    actor.tell(new Worker.Leave());
    handler.answer(at(Instant.parse("2031-01-01T00:00:00Z")));
    calls.expectTerminated(actor);
    reports.expectNoMessage();
  }

  @Test
  void anActorThatHasReportedTheEndCleansUpAndDoesNotLeave() {
    var actor = running();
    handler.answer(succeeded());
    actor.tell(new Worker.Leave());
    actor.tell(new Worker.Release());
    calls.expectMessage(Call.FINISH);
  }

  @Test
  void aNotificationDuringACallLeadsToAnotherCall() {
    var actor = running();
    actor.tell(new Worker.LookAgain());
    actor.tell(new Worker.LookAgain());
    calls.expectNoMessage();
    handler.answer(whenTold(5, 1));
    calls.expectMessage(Call.HANDLE);
    handler.answer(whenTold(5, 1));
    calls.expectNoMessage();
  }

  @Test
  void aHandlerThatWaitsForANotificationIsStillCalledNowAndThen() {
    running();
    handler.answer(whenTold(5, 1));
    reports.expectMessageClass(NodeReport.Running.class);
    TIME.timePasses(LOOK);
    calls.expectMessage(Call.HANDLE);
  }

  @Test
  void progressWithAKnownVersionIsNotReported() {
    var actor = running();
    handler.answer(running(5, 1, "", "first"));
    reports.expectMessageClass(NodeReport.Running.class);
    lookAgain(actor, running(5, 1, "", "other words"));
    reports.expectNoMessage();
    lookAgain(actor, running(5, 2, "", "second"));
    assertThat(reports.expectMessageClass(NodeReport.Running.class).progress().details())
        .isEqualTo(ByteString.copyFromUtf8("second"));
  }

  @Test
  void aStateThatHasChangedIsAlwaysKept() {
    var actor = running();
    handler.answer(running(5, 1, "one", "first"));
    reports.expectMessageClass(NodeReport.Running.class);
    lookAgain(actor, running(5, 1, "two", "other words"));
    assertThat(reports.expectMessageClass(NodeReport.Running.class).progress())
        .isEqualTo(progress(5, 1, "two", "first"));
  }

  @Test
  void aStateThatIsTooLargeFailsTheAttemptForGood() {
    running();
    handler.answer(running(5, 1, "x".repeat(257), ""));
    calls.expectMessage(Call.ABORT);
    handler.done();
    var failed = reports.expectMessageClass(NodeReport.Failed.class);
    assertThat(failed.error().message())
        .isEqualTo("it wants 257 bytes to be kept for it; 256 is the most");
    assertThat(failed.recoverable()).isFalse();
  }

  @Test
  void aFailingHandlerIsRetriedWithGrowingPausesAndStoppedBeforeTheAttemptFails() {
    running();
    handler.fail("first");
    calls.expectNoMessage();
    TIME.timePasses(PAUSE);
    calls.expectMessage(Call.HANDLE);
    handler.fail("second");
    TIME.expectNoMessageFor(PAUSE, calls);
    TIME.timePasses(PAUSE);
    calls.expectMessage(Call.HANDLE);
    handler.fail("third");
    calls.expectMessage(Call.ABORT);
    reports.expectNoMessage();
    handler.done();
    var failed = reports.expectMessageClass(NodeReport.Failed.class);
    assertThat(failed.error().message()).contains("failed 3 times").contains("third");
    assertThat(failed.recoverable()).isTrue();
  }

  @Test
  void anOutageCostsNoAttemptHoweverLongItTakes() {
    running();
    for (int i = 0; i < 10; i++) {
      handler.fail(outage());
      calls.expectNoMessage();
      TIME.timePasses(PAUSE.multipliedBy(4));
      calls.expectMessage(Call.HANDLE);
    }
    handler.answer(succeeded());
    reports.expectMessageClass(NodeReport.Succeeded.class);
  }

  @Test
  void noCallStartsBeforeThePreviousCallHasEnded() {
    var actor = running();
    TIME.timePasses(TIMEOUT.multipliedBy(2));
    actor.tell(new Worker.LookAgain());
    calls.expectNoMessage();
    handler.answer(succeeded());
    reports.expectMessageClass(NodeReport.Succeeded.class);
  }

  @Test
  void aCallThatNeverEndsFailsTheAttemptAndIsStoppedShouldItEndAfterAll() {
    var actor = running();
    TIME.timePasses(TIMEOUT.multipliedBy(3));
    assertThat(reports.expectMessageClass(NodeReport.Failed.class).error().message())
        .isEqualTo("a call has not ended after 3 times PT10S");
    actor.tell(new Worker.Release());
    calls.expectNoMessage();
    handler.answer(whenTold(5, 1));
    calls.expectMessage(Call.ABORT);
    handler.done();
    calls.expectMessage(Call.FINISH);
    handler.done();
    calls.expectTerminated(actor);
    reports.expectNoMessage();
  }

  @Test
  void aCallThatNeverEndsKeepsNoExecutionInMemory() {
    var actor = running();
    TIME.timePasses(TIMEOUT.multipliedBy(3));
    reports.expectMessageClass(NodeReport.Failed.class);
    actor.tell(new Worker.Release());
    calls.expectNoMessage();
    TIME.timePasses(TIMEOUT);
    calls.expectTerminated(actor);
  }

  @Test
  void anAbortDuringACallWaitsForItsEnd() {
    var actor = running();
    actor.tell(new Worker.Abort(ABORT));
    calls.expectNoMessage();
    handler.answer(whenTold(5, 1));
    calls.expectMessage(Call.ABORT);
    handler.done();
    reports.expectMessageClass(NodeReport.Running.class);
    reports.expectMessage(ABORTED);
  }

  @Test
  void aFailingAbortIsRepeatedWithPausesAndFinallyReportedAsDone() {
    spawn(ABORT);
    for (int i = 1; i <= 2; i++) {
      calls.expectMessage(Call.ABORT);
      handler.undone();
      reports.expectNoMessage();
      TIME.timePasses(PAUSE.multipliedBy(i));
    }
    calls.expectMessage(Call.ABORT);
    handler.undone();
    reports.expectMessage(ABORTED);
  }

  @Test
  void anAbortWaitsForTheEndOfAnOutageHoweverLongItTakes() {
    spawn(ABORT);
    abortedAfterAnOutage();
    reports.expectMessage(ABORTED);
  }

  @Test
  void anAttemptThatHasGivenUpIsStoppedAfterTheOutageBeforeItFails() {
    running();
    handler.answer(new NodeTransition.Running(progress(5, 1, "x".repeat(300), ""), told()));
    abortedAfterAnOutage();
    reports.expectMessageClass(NodeReport.Failed.class);
  }

  /** The handler's stop fails by an outage for longer than other failures are borne. */
  private void abortedAfterAnOutage() {
    for (int i = 0; i < 10; i++) {
      calls.expectMessage(Call.ABORT);
      handler.undone(outage());
      reports.expectNoMessage();
      TIME.timePasses(PAUSE.multipliedBy(4));
    }
    calls.expectMessage(Call.ABORT);
    handler.done();
  }

  @Test
  void anAbortThatNeverEndsIsReportedAsDone() {
    spawn(ABORT);
    calls.expectMessage(Call.ABORT);
    TIME.timePasses(TIMEOUT.multipliedBy(3));
    reports.expectMessage(ABORTED);
  }

  @Test
  void anAbortTurnsAFailureThatIsBeingCleanedUpIntoAnAbort() {
    var actor = running();
    handler.answer(new NodeTransition.Running(progress(5, 1, "x".repeat(300), ""), told()));
    calls.expectMessage(Call.ABORT);
    actor.tell(new Worker.Abort(ABORT));
    calls.expectNoMessage();
    handler.done();
    reports.expectMessage(ABORTED);
  }

  @Test
  void aCleanUpThatFailsIsNotRepeated() {
    var actor = running();
    handler.answer(succeeded());
    actor.tell(new Worker.Release());
    calls.expectMessage(Call.FINISH);
    actor.tell(new Worker.Release());
    handler.undone();
    calls.expectTerminated(actor);
    calls.expectNoMessage();
  }

  private static Throwable outage() {
    return new CompletionException(
        new DataStore.UnavailableException(new IOException("no connection")));
  }

  private ActorRef<Worker.Message> running() {
    var actor = spawn(RUN);
    calls.expectMessage(Call.HANDLE);
    return actor;
  }

  private ActorRef<Worker.Message> spawn(Work.NodeWork work) {
    return KIT.spawn(
        NodeActor.create(SETTINGS, TestingAssignments.of(work), _ -> handler, reports.getRef()));
  }

  private void lookAgain(ActorRef<Worker.Message> actor, NodeTransition answer) {
    actor.tell(new Worker.LookAgain());
    calls.expectMessage(Call.HANDLE);
    handler.answer(answer);
  }

  private static NodeTransition succeeded() {
    return new NodeTransition.Succeeded(Values.NONE, AttemptSummary.NONE);
  }

  private static NodeTransition at(Instant moment) {
    return new NodeTransition.Running(Progress.NONE, new LookAgain.At(moment));
  }

  private static NodeTransition whenTold(int phase, int version) {
    return running(phase, version, "", "");
  }

  private static NodeTransition running(int phase, int version, String state, String details) {
    return new NodeTransition.Running(progress(phase, version, state, details), told());
  }

  private static LookAgain told() {
    return new LookAgain.WhenNotified();
  }

  private static Progress progress(int phase, int version, String state, String details) {
    return new Progress(
        phase, version, ByteString.copyFromUtf8(state), ByteString.copyFromUtf8(details));
  }
}
