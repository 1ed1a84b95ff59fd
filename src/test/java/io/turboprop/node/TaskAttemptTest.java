package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.Layout;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.plan.TestingPlans;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskAttemptTest {
  private static final DataReference OF_EARLIER_EXECUTION = new DataReference("memory://earlier");

  private final MemoryDataStore store = new MemoryDataStore();

  @Test
  void anAttemptThatWroteNoCheckpointDoesNotHideThoseBefore() throws IOException {
    var first = attempt(0).checkpointPrefix();
    store.write(first.child("_dst_cp"), ByteString.copyFromUtf8("state"));
    assertThat(attempt(1).previousCheckpointPrefix()).contains(first);
    assertThat(attempt(3).previousCheckpointPrefix()).contains(first);
    var later = attempt(2).checkpointPrefix();
    store.write(later.child("_dst_cp"), ByteString.copyFromUtf8("more"));
    assertThat(attempt(3).previousCheckpointPrefix()).contains(later);
  }

  @Test
  void withoutCheckpointsOfItsOwnATaskHasThoseOfTheExecutionThatIsRecovered() throws IOException {
    assertThat(attempt(0).previousCheckpointPrefix()).contains(OF_EARLIER_EXECUTION);
    assertThat(attempt(2).previousCheckpointPrefix()).contains(OF_EARLIER_EXECUTION);
  }

  private TaskAttempt attempt(int number) {
    var assignment =
        TestingAssignments.of(
            new Work.RunNode(NodePath.root("a"), number), TestingPlans.task("a"), Map.of());
    return new TaskAttempt(
        assignment,
        TaskTemplate.getDefaultInstance(),
        ExecutionSpec.getDefaultInstance(),
        store,
        Layout.of(store.base()),
        Optional.of(OF_EARLIER_EXECUTION),
        Map.of(),
        () -> {});
  }
}
