package io.turboprop.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentExecutionsTest {
  private final TestingAdmin admin = new TestingAdmin();
  private final Server server =
      Server.builder().http(0).service(GrpcService.builder().addService(admin).build()).build();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @BeforeEach
  void serve() {
    server.start().join();
  }

  @AfterEach
  void stop() {
    // its future would take two seconds, for the quiet period of the accepting thread
    server.closeAsync();
  }

  @Test
  void executionsThatRunAtTheFirstLookOrBeginLaterAreShownUntilTheyEnd() {
    var executions = executions();
    admin.put(TestingAdmin.execution("ended-before"), Phase.SUCCEEDED);
    admin.put(TestingAdmin.execution("running-before"), Phase.RUNNING);
    executions.look();
    admin.put(TestingAdmin.execution("short"), Phase.SUCCEEDED);
    executions.look();
    admin.put(TestingAdmin.execution("running-before"), Phase.FAILED);
    executions.look();
    executions.look();

    assertThat(shown())
        .containsExactly(
            "running-before train_all RUNNING",
            "short train_all SUCCEEDED 0.000s",
            "running-before train_all FAILED 0.000s");
  }

  @Test
  void ofACrowdOnlyAFewAreShown() {
    for (var i = 0; i < 50; i++) {
      admin.put(TestingAdmin.execution("crowd" + i), Phase.RUNNING);
    }

    executions().look();

    assertThat(shown()).hasSize(6);
  }

  private RecentExecutions executions() {
    var out = new PrintStream(written, true, StandardCharsets.UTF_8);
    var endpoint = URI.create("http://127.0.0.1:" + server.activeLocalPort());
    return new RecentExecutions(endpoint, new PlainDisplay(out));
  }

  private List<String> shown() {
    return written
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(" train_all "))
        .toList();
  }
}
