package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Execution.TaskExecution.Phase;
import flyteidl.core.Execution.TaskLog;
import flyteidl.event.Event.ExternalResourceInfo;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.OverviewTables;
import io.turboprop.store.OverviewTables.DurationBucket;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.store.StartUp;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.store.TestingDatabase;
import io.turboprop.store.Timestamps;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class ArrayElementsTest {
  private static final Instant AT = Instant.parse("2026-01-01T12:00:00Z");
  private static final int SUCCEEDED = Phase.SUCCEEDED_VALUE;
  private static final int POPULATED = CatalogCacheStatus.CACHE_POPULATED_VALUE;

  private Database database;
  private long execution;
  private long steps;

  @BeforeEach
  void start() throws SQLException {
    database = TestingDatabase.create();
    execution =
        new AcceptanceTables(database)
            .accept(TestingPlans.execution("e", AT))
            .orElseThrow()
            .number();
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void eachElementIsAnExternalResource() throws SQLException {
    write(3, List.of(element(1, Phase.FAILED_VALUE, 2, log()), element(0, SUCCEEDED, 0, null)));

    assertThat(shown(3, Phase.RUNNING))
        .extracting(
            ExternalResourceInfo::getExternalId,
            ExternalResourceInfo::getIndex,
            ExternalResourceInfo::getRetryAttempt,
            ExternalResourceInfo::getPhase,
            ExternalResourceInfo::getCacheStatus)
        .containsExactly(
            tuple("e-n0-0-n0-0", 0, 0, Phase.SUCCEEDED, CatalogCacheStatus.CACHE_POPULATED),
            tuple("e-n0-0-n1-2", 1, 2, Phase.FAILED, CatalogCacheStatus.CACHE_POPULATED),
            tuple("e-n0-0-n2-0", 2, 0, Phase.QUEUED, CatalogCacheStatus.CACHE_DISABLED));
    assertThat(shown(3, Phase.RUNNING).get(1).getLogsList())
        .extracting(TaskLog::getName)
        .containsExactly("stderr-1");
  }

  @Test
  void anElementThatNeverHadItsTurnHasNoPhaseAtTheEnd() throws SQLException {
    write(2, List.of(element(0, Phase.FAILED_VALUE, 0, null)));
    assertThat(shown(2, Phase.FAILED))
        .extracting(ExternalResourceInfo::getPhase)
        .containsExactly(Phase.FAILED, Phase.UNDEFINED);
  }

  @Test
  void laterEventsReplaceEarlierOnesExceptForTheLogs() throws SQLException {
    write(1, List.of(element(0, Phase.RUNNING_VALUE, 0, log())));
    write(1, List.of(element(0, SUCCEEDED, 1, null)));
    assertThat(shown(1, Phase.RUNNING))
        .singleElement()
        .satisfies(element -> {
          assertThat(element.getPhase()).isEqualTo(Phase.SUCCEEDED);
          assertThat(element.getRetryAttempt()).isEqualTo(1);
          assertThat(element.getLogsCount()).isEqualTo(1);
        });
  }

  @Test
  void theTaskExecutionOfTheArrayCountsTheChangesOfItsElements() throws SQLException {
    write(3, List.of(element(0, SUCCEEDED, 0, null), element(1, SUCCEEDED, 0, null)));
    write(3, List.of(element(2, SUCCEEDED, 0, null)));
    var row = new NodeExecutionTables(database).task(execution, "n0", 0).orElseThrow();
    assertThat(row.elements()).isEqualTo(3);
    assertThat(row.phaseVersion()).isEqualTo(3);
  }

  @Test
  void ofAVeryLargeArrayThoseThatFailedAreShownFirst() throws SQLException {
    var size = 120_000;
    write(
        size,
        IntStream.range(0, size)
            .mapToObj(i -> element(i, i == size - 1 ? Phase.FAILED_VALUE : SUCCEEDED, 0, log()))
            .toList());
    var shown = shown(size, Phase.RUNNING);
    assertThat(shown).hasSizeLessThan(size);
    assertThat(shown.getLast().getPhase()).isEqualTo(Phase.FAILED);
    assertThat(shown.getLast().getIndex()).isEqualTo(size - 1);
    assertThat(shown.stream().mapToInt(ExternalResourceInfo::getSerializedSize).sum())
        .isBetween(2 << 20, 3 << 20);
  }

  @Test
  void anElementHasTheStartOfItsLatestAttempt() throws SQLException {
    write(3, List.of(element(1, Phase.RUNNING_VALUE, 0, AT.plusSeconds(1), AT.plusSeconds(1))));
    write(3, List.of(element(1, Phase.RUNNING_VALUE, 0, AT.plusSeconds(2), AT.plusSeconds(2))));
    assertThat(startOf(1)).isEqualTo(AT.plusSeconds(1));
    write(3, List.of(element(1, Phase.QUEUED_VALUE, 1, null, AT.plusSeconds(3))));
    assertThat(startOf(1)).isNull();
    write(3, List.of(element(1, Phase.RUNNING_VALUE, 1, AT.plusSeconds(4), AT.plusSeconds(4))));
    write(3, List.of(element(1, Phase.SUCCEEDED_VALUE, 1, null, AT.plusSeconds(5))));
    assertThat(startOf(1)).isEqualTo(AT.plusSeconds(4));
    assertThat(new ArrayElementTables(database).find(execution, "n0", 0, 2)).isEmpty();
  }

  private @Nullable Instant startOf(int index) {
    return new ArrayElementTables(database)
        .find(execution, "n0", 0, index)
        .orElseThrow()
        .startedAt();
  }

  @Test
  void durationsAreCountedByBucketAndPhase() throws SQLException {
    var micros = List.of(900, 1_000, 1_999, 4_999, 5_000, 7_000_000);
    var elements = new ArrayList<ArrayElementChange>();
    for (int i = 0; i < micros.size(); i++) {
      var end = AT.plus(micros.get(i), ChronoUnit.MICROS);
      elements.add(element(i, i == 2 ? Phase.FAILED_VALUE : Phase.SUCCEEDED_VALUE, 0, AT, end));
    }
    elements.add(element(90, Phase.RUNNING_VALUE, 0, AT, AT));
    elements.add(element(91, Phase.SUCCEEDED_VALUE, 0, null, AT));
    write(100, elements);
    assertThat(
            new OverviewTables(database)
                .durations(execution, "n0", 0, new Long[] {1_000L, 2_000L, 5_000L}))
        .containsExactly(
            new DurationBucket(0, Phase.SUCCEEDED_VALUE, 1, 900),
            new DurationBucket(1, Phase.SUCCEEDED_VALUE, 1, 1_000),
            new DurationBucket(1, Phase.FAILED_VALUE, 1, 1_999),
            new DurationBucket(2, Phase.SUCCEEDED_VALUE, 1, 4_999),
            new DurationBucket(3, Phase.SUCCEEDED_VALUE, 2, 7_000_000));
  }

  private List<ExternalResourceInfo> shown(int size, Phase phase) {
    var message = TaskExecution.newBuilder();
    message
        .getIdBuilder()
        .getNodeExecutionIdBuilder()
        .setNodeId("n0")
        .getExecutionIdBuilder()
        .setName("e");
    message.getClosureBuilder().setPhase(phase);
    var shown =
        new ArrayElements(new ArrayElementTables(database))
            .addedTo(message.build(), execution, size, 0)
            .getClosure();
    assertThat(shown.getTaskType()).isEqualTo("container_array");
    assertThat(shown.getMetadata().getPluginIdentifier()).isEqualTo("k8s-array");
    return shown.getMetadata().getExternalResourcesList();
  }

  /** An event of the running array with these changed elements. */
  private void write(int size, List<ArrayElementChange> elements) throws SQLException {
    steps++;
    var task =
        new TaskExecutionChange(
            new TaskExecutionChange.Key(execution, "n0", 0),
            steps == 1 ? TestingPlans.TASK : null,
            Phase.RUNNING_VALUE,
            0,
            new Timestamps(AT, AT, AT, null),
            StartUp.UNKNOWN,
            null,
            ByteString.EMPTY,
            null,
            size);
    assertThat(
            new ProgressTables(database)
                .write(
                    new Changes(
                        List.of(ExecutionChange.step(execution, steps, AT)),
                        List.of(),
                        steps == 1 ? List.of(task) : List.of(),
                        elements))
                .refused())
        .isEmpty();
  }

  private ArrayElementChange element(
      int index, int phase, int retry, @Nullable ByteString details) {
    return new ArrayElementChange(
        new ArrayElementChange.Key(execution, "n0", 0, index),
        phase,
        retry,
        POPULATED,
        null,
        AT,
        details);
  }

  private ArrayElementChange element(
      int index, int phase, int retry, @Nullable Instant startedAt, Instant updatedAt) {
    return new ArrayElementChange(
        new ArrayElementChange.Key(execution, "n0", 0, index),
        phase,
        retry,
        POPULATED,
        startedAt,
        updatedAt,
        null);
  }

  private static ByteString log() {
    return TaskExecutionEvent.newBuilder()
        .addLogs(TaskLog.newBuilder().setName("stderr").setUri("http://localhost/logs/stderr.log"))
        .build()
        .toByteString();
  }
}
