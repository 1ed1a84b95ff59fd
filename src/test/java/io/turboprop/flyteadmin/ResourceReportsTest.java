package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResourceReportsTest {
  private static final ExecutionId ID = new ExecutionId("p", "d", "refused");
  private static final Optional<ExecutionError> ERROR =
      Optional.of(ExecutionError.system("BadSpecificationError", "no start node"));

  private TestingFlyteAdmin admin;
  private FlyteAdminChannel channel;
  private ResourceReports reports;

  @BeforeEach
  void start() throws IOException {
    admin = TestingFlyteAdmin.start();
    var settings = admin.settings("5s");
    channel = FlyteAdminChannel.open(settings.connection());
    reports = new ResourceReports(channel, settings, Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    channel.close();
    admin.close();
  }

  @Test
  void aResourceThatCantRunHasFailedAndItsErrorIsTold() throws IOException {
    reports.ended(ID, Instant.now(), ERROR);
    reports.ended(ID, Instant.now(), ERROR);
    var event = admin.workflowEvents(message()).getFirst();
    assertThat(event.getPhase()).isEqualTo(Phase.FAILED);
    assertThat(event.getError().getCode()).isEqualTo("BadSpecificationError");
    assertThat(admin.workflowEvents(message())).hasSize(1);
  }

  @Test
  void aResourceThatWasDeletedBeforeItRanIsAborted() throws IOException {
    admin.put(message(), Phase.ABORTING);
    reports.ended(ID, Instant.now(), Optional.empty());
    assertThat(admin.phases()).containsEntry("refused", Phase.ABORTED);
  }

  @Test
  void itIsToldAgainUntilFlyteAdminKnowsItOrHasNotForLong() throws Exception {
    admin.know(message(), false);
    assertThatThrownBy(() -> reports.ended(ID, Instant.now(), ERROR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not know");
    reports.ended(ID, Instant.now().minus(Duration.ofHours(1)), ERROR);

    admin.interrupt();
    assertThatThrownBy(() -> reports.ended(ID, Instant.now(), ERROR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can't be reported to FlyteAdmin now");
  }

  private static WorkflowExecutionIdentifier message() {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject("p")
        .setDomain("d")
        .setName("refused")
        .build();
  }
}
