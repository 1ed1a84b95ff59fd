package io.turboprop.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import flyteidl.core.Execution.WorkflowExecution;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExecutionReaderTest {
  private static final TestingAdmin ADMIN = new TestingAdmin();
  private static final Server SERVER =
      Server.builder().http(0).service(GrpcService.builder().addService(ADMIN).build()).build();

  @BeforeAll
  static void serve() {
    ADMIN.put(TestingAdmin.ID, WorkflowExecution.Phase.RUNNING);
    SERVER.start().join();
  }

  @AfterAll
  static void stop() {
    // its future would take two seconds, for the quiet period of the accepting thread
    SERVER.closeAsync();
  }

  @Test
  void anExecutionIsReadWithTheGraphsInsideItsNodesInTheirOrder() {
    assertThat(ProgressTree.lines(reader().read(TestingAdmin.ID).orElseThrow(), Views.ASCII))
        .containsExactly(
            "> train_all  RUNNING           a1b2",
            "|- + prepare    SUCCEEDED           2.0s  attempt 2  n0",
            "|- > sub        RUNNING                   n1",
            "|  |- + first   SUCCEEDED           2.0s  n1-0-n0",
            "|  `- . second  WAITING                   n1",
            "`- . last       WAITING                   n2");
  }

  @Test
  void anExecutionThatTheServerDoesNotKnowIsEmpty() {
    assertThat(reader().read(TestingAdmin.execution("absent"))).isEmpty();
  }

  private static ExecutionReader reader() {
    return ExecutionReader.at(URI.create("http://127.0.0.1:" + SERVER.activeLocalPort()));
  }
}
