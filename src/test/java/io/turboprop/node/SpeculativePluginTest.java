package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class SpeculativePluginTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration USUAL = Duration.ofSeconds(2);
  private static final ExecutionError ERROR = ExecutionError.user("USER:ValueError", "no");
  private static final TaskTransition SUCCEEDED =
      new TaskTransition.Succeeded(new TaskTransition.Outputs.Files(), TaskInfo.NONE);
  private static final TaskTransition FAILED =
      new TaskTransition.Failed(ERROR, true, TaskInfo.NONE);

  private final MemoryDataStore store = new MemoryDataStore();
  private final TaskDurations durations = new TaskDurations();
  private final Runs runs = new Runs();
  private final TaskAttempt task = TestingAssignments.attempt("n0", 0, store);
  private Instant now = NOON;
  private final InstantSource clock = () -> now;
  private final TaskPlugin plugin =
      new SpeculativePlugin(
          runs,
          new Speculation(0.9, 1.5, Duration.ofSeconds(1), 10),
          durations,
          Runnable::run,
          clock.withZone(ZoneOffset.UTC));

  /** A plugin with scripted answers for the two runs, which records its calls. */
  private static final class Runs implements TaskPlugin {
    private TaskTransition first = running("a");
    private TaskTransition second = running("b");
    private final List<String> calls = new ArrayList<>();
    private Runnable whileStopping = () -> {};

    @Override
    public String id() {
      return "runs";
    }

    @Override
    public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
      calls.add("handle " + name(task));
      return CompletableFuture.completedFuture(task instanceof SecondRun ? second : first);
    }

    @Override
    public CompletionStage<Void> abort(TaskContext task, ByteString state) {
      calls.add("abort " + name(task));
      whileStopping.run();
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> finish(TaskContext task, ByteString state) {
      calls.add("finish " + name(task));
      return CompletableFuture.completedFuture(null);
    }

    private static String name(TaskContext task) {
      return task instanceof SecondRun ? "second" : "first";
    }
  }

  @Test
  void noRunIsAStragglerWhileDurationsAreUnknown() {
    var state = handle(ByteString.EMPTY);
    now = now.plus(Duration.ofHours(5));
    handle(state);

    assertThat(runs.calls).containsExactly("handle first", "handle first");
  }

  @Test
  void stragglerIsRunASecondTime() {
    learn();
    var state = straggle();
    handle(state);

    assertThat(runs.calls)
        .containsExactly("handle first", "handle first", "handle first", "handle second");
  }

  @Test
  void firstSuccessOfTheFirstRunAbortsTheSecond() {
    learn();
    var state = handle(straggle());
    runs.calls.clear();
    runs.first = SUCCEEDED;

    assertThat(answer(state)).isEqualTo(SUCCEEDED);
    assertThat(runs.calls).containsExactly("handle first", "handle second", "abort second");
  }

  @Test
  void howLongARunHasTakenLeavesOutTheStopOfTheOther() {
    learn();
    var state = handle(straggle());
    runs.whileStopping = () -> now = now.plus(Duration.ofMinutes(1));
    runs.first = SUCCEEDED;
    answer(state);

    assertThat(durations.percentile(task.template().getId(), 1, 1).orElseThrow())
        .isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void resultsOfTheSecondRunArePutWhereThoseOfTheFirstWouldBe() throws IOException {
    learn();
    var state = handle(straggle());
    var second = new SecondRun(task).outputPrefix();
    store.write(second.child("outputs.pb"), ByteString.copyFromUtf8("made"));
    store.write(task.outputPrefix().child("error.pb"), ByteString.copyFromUtf8("stopped"));
    runs.calls.clear();
    runs.second = SUCCEEDED;

    assertThat(answer(state)).isEqualTo(SUCCEEDED);
    assertThat(runs.calls).containsExactly("handle first", "handle second", "abort first");
    assertThat(text(task.outputPrefix().child("outputs.pb"))).isEqualTo("made");
    assertThat(store.size(task.outputPrefix().child("error.pb"))).isEmpty();
  }

  @Test
  void resultsMayBeOfAnySize() throws IOException {
    learn();
    var state = handle(straggle());
    var deck = ByteString.copyFrom(new byte[3 * 1024 * 1024]);
    store.write(new SecondRun(task).outputPrefix().child("deck.html"), deck);
    runs.second = SUCCEEDED;

    assertThat(answer(state)).isEqualTo(SUCCEEDED);
    assertThat(store.size(task.outputPrefix().child("deck.html"))).hasValue(deck.size());
  }

  @Test
  void failureOfOneRunWaitsForTheOther() {
    learn();
    var state = handle(straggle());
    runs.first = FAILED;
    var afterFailure = handle(state);
    runs.calls.clear();
    runs.second = SUCCEEDED;

    assertThat(answer(afterFailure)).isEqualTo(SUCCEEDED);
    assertThat(runs.calls).containsExactly("handle second");
  }

  @Test
  void failureOfTheSecondRunIsNotTriedAgain() {
    learn();
    var state = handle(straggle());
    runs.second = FAILED;
    var afterFailure = handle(state);
    runs.calls.clear();
    now = now.plus(Duration.ofHours(1));
    handle(afterFailure);

    assertThat(runs.calls).containsExactly("handle first");
  }

  @Test
  void bothFailuresAreTheFailureOfTheAttempt() {
    learn();
    var state = handle(straggle());
    runs.first = FAILED;
    runs.second = FAILED;

    assertThat(answer(state)).isEqualTo(FAILED);
  }

  @Test
  void newsIsNewerThanTheNewsBefore() {
    learn();
    var versions = new ArrayList<Integer>();
    var state = ByteString.EMPTY;
    for (int look = 0; look < 4; look++) {
      var running = (TaskTransition.Running) answer(state);
      versions.add(running.version());
      state = running.state();
      now = now.plus(Duration.ofSeconds(2));
    }
    runs.second = FAILED;
    versions.add(((TaskTransition.Running) answer(state)).version());

    assertThat(versions).isSorted();
    assertThat(versions.getLast()).isGreaterThan(versions.get(3));
  }

  @Test
  void bothRunsAreAbortedAndCleanedUpEvenIfOneWasNotRecorded() {
    plugin.abort(task, ByteString.EMPTY).toCompletableFuture().join();
    plugin.finish(task, ByteString.EMPTY).toCompletableFuture().join();

    assertThat(runs.calls)
        .containsExactly("abort second", "abort first", "finish second", "finish first");
  }

  /** An engine that crashed may have started the second run before it was recorded. */
  @Test
  void secondRunThatWasNotRecordedIsStoppedWhenTheFirstHasEnded() {
    learn();
    var state = handle(ByteString.EMPTY);
    runs.calls.clear();
    runs.first = SUCCEEDED;
    answer(state);
    runs.first = FAILED;
    answer(state);

    assertThat(runs.calls)
        .containsExactly("handle first", "abort second", "handle first", "abort second");
  }

  @Test
  void eachRunHasItsOwnNameAndFolders() {
    var second = new SecondRun(task);

    assertThat(second.generatedName())
        .isNotEqualTo(task.generatedName())
        .hasSizeLessThanOrEqualTo(50);
    assertThat(second.outputPrefix()).isNotEqualTo(task.outputPrefix());
    assertThat(second.rawOutputPrefix()).isNotEqualTo(task.rawOutputPrefix());
    assertThat(second.checkpointPrefix()).isNotEqualTo(task.checkpointPrefix());
  }

  private void learn() {
    for (int run = 0; run < 10; run++) {
      durations.add(task.template().getId(), USUAL);
    }
  }

  /** The state of an attempt whose second run is about to start. */
  private ByteString straggle() {
    var state = handle(ByteString.EMPTY);
    now = now.plus(Duration.ofMillis(3_001));
    return handle(state);
  }

  private ByteString handle(ByteString state) {
    return ((TaskTransition.Running) answer(state)).state();
  }

  private TaskTransition answer(ByteString state) {
    return plugin.handle(task, state).toCompletableFuture().join();
  }

  private String text(DataReference reference) throws IOException {
    return store.read(reference, 1_000).toStringUtf8();
  }

  private static TaskTransition running(String state) {
    return new TaskTransition.Running(
        TaskPhase.RUNNING,
        1,
        ByteString.copyFromUtf8(state),
        TaskInfo.NONE,
        new TaskTransition.LookAgain.WhenNotified());
  }
}
