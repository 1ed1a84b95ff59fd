package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class KeptGraphHandlerTest {
  private static final int SPEC_BYTES_MAX = 3_000_000;
  private static final String DIGEST = "of the graph";

  private final MemoryDataStore store = new MemoryDataStore();
  private final DataReference kept = store.base().child("earlier").child("futures.pb");

  @Test
  void aGraphAsLargeAsAnyTaskMayMakeIsOpenedFromACopyOfItsOwn() throws IOException {
    store.write(kept, graph(SPEC_BYTES_MAX));

    assertThat(handled())
        .isEqualTo(
            new NodeTransition.Opened(
                Values.NONE, new Subgraph.Dynamic(DIGEST), AttemptSummary.NONE));
    assertThat(store.read(task().files().futures(), SPEC_BYTES_MAX).size())
        .isEqualTo(SPEC_BYTES_MAX);
  }

  @Test
  void theTaskRunsIfTheGraphExceedsThePresentLimit() throws IOException {
    store.write(kept, graph(SPEC_BYTES_MAX + 1));
    assertThat(handled()).isInstanceOf(NodeTransition.Failed.class);
  }

  @Test
  void theTaskRunsIfTheGraphIsDeleted() {
    assertThat(handled()).isInstanceOf(NodeTransition.Failed.class);
  }

  /**
   * The task that runs instead of the graph fails at once, so that the test can distinguish the
   * two.
   */
  private NodeTransition handled() {
    var otherwise = new RefusedHandler(ExecutionError.user("Ran", "the task has been run"));
    return new KeptGraphHandler(task(), kept, new Graphs(), store, otherwise, Runnable::run)
        .handle(Progress.NONE)
        .toCompletableFuture()
        .join();
  }

  private TaskAttempt task() {
    return TestingAssignments.attempt("a", 0, store);
  }

  private static ByteString graph(int size) {
    return ByteString.copyFrom(new byte[size]);
  }

  private record Graphs() implements DynamicPlans {
    @Override
    public Expansion expand(Assignment assignment, TaskTemplate task, DataReference specification) {
      return new Expansion.Planned(DIGEST);
    }

    @Override
    public long specBytesMax() {
      return SPEC_BYTES_MAX;
    }
  }
}
