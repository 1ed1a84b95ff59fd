package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.FailingDataStore;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.OutageReportingDataStore;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OutageTolerantHandlerTest {
  private static final NodeTransition DONE =
      new NodeTransition.Succeeded(Values.NONE, AttemptSummary.NONE);
  private static final DataReference PLACE = new DataReference("mem://turboprop/x");

  private CompletionStage<NodeTransition> answer = CompletableFuture.completedFuture(DONE);
  private final NodeHandler handler =
      new OutageTolerantHandler(
          TestingAssignments.of(new Work.RunNode(NodePath.root("a"), 0)),
          new ImmediateHandler() {
            @Override
            public CompletionStage<NodeTransition> handle(Progress progress) {
              return answer;
            }
          });

  static Stream<Throwable> outages() {
    return Stream.of(
        new UncheckedIOException(outageOfTheStore()),
        new CompletionException(outageOfTheStore()),
        new IllegalStateException("find", new SQLException("refused", "08001")));
  }

  /** What a store that fails tells a handler. */
  private static IOException outageOfTheStore() {
    var store =
        new OutageReportingDataStore(new FailingDataStore(new MemoryDataStore(), () -> true));
    try {
      store.write(PLACE, ByteString.EMPTY);
      throw new AssertionError("the store is away");
    } catch (IOException e) {
      return e;
    }
  }

  @ParameterizedTest
  @MethodSource("outages")
  void anOutageCostsNoAttemptHoweverLongItTakes(Throwable outage) {
    answer = CompletableFuture.failedFuture(outage);
    for (int times = 0; times < 20; times++) {
      var running = (NodeTransition.Running) handle();
      assertThat(running.progress()).isEqualTo(Progress.NONE);
      assertThat(((LookAgain.After) running.lookAgain()).delay())
          .isBetween(Duration.ofMillis(200), Duration.ofMillis(12_800));
    }
    answer = CompletableFuture.completedFuture(DONE);
    assertThat(handle()).isEqualTo(DONE);
  }

  @Test
  void anObjectThatIsNotThereIsNoOutage() {
    var store = new OutageReportingDataStore(new MemoryDataStore());
    assertThatThrownBy(() -> store.read(PLACE, 1))
        .satisfies(missing -> assertThat(Outages.isOutage(missing)).isFalse());
  }

  @Test
  void whatAPluginFailsWithIsNoOutage() {
    answer = CompletableFuture.failedFuture(new UncheckedIOException(new IOException("archive")));
    assertThatThrownBy(this::handle).hasRootCauseMessage("archive");
  }

  private NodeTransition handle() {
    return handler.handle(Progress.NONE).toCompletableFuture().join();
  }
}
