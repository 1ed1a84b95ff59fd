package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.turboprop.cli.progress.TestingAdmin;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ShowCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Asked admin = new Asked();
  private final Server server =
      Server.builder().http(0).service(GrpcService.builder().addService(admin).build()).build();

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
  void aRunningExecutionIsShownAsItIs() {
    admin.put(TestingAdmin.ID, Phase.RUNNING);

    assertThat(show("p/d/a1b2")).isZero();
    assertThat(out.toString()).contains("train_all").contains("RUNNING").contains("prepare");
    assertThat(out.toString()).doesNotContain("outputs");
  }

  @Test
  void outputsFollowTheTreeOfAnExecutionThatHasSucceeded() {
    admin.put(TestingAdmin.ID, Phase.SUCCEEDED);

    assertThat(show("p/d/a1b2")).isZero();
    assertThat(out.toString().lines()).contains("outputs", "   o0 = 42");
  }

  @Test
  void aWatchedExecutionIsShownUntilItsEnd() {
    admin.put(TestingAdmin.ID, Phase.RUNNING);
    var watching = CompletableFuture.supplyAsync(() -> show("p/d/a1b2", "--watch"));
    admin.asked.acquireUninterruptibly(2);
    assertThat(watching).isNotDone();

    admin.put(TestingAdmin.ID, Phase.FAILED);

    assertThat(watching.join()).isEqualTo(1);
    assertThat(out.toString()).contains("FAILED");
  }

  @Test
  void aServerThatIsAwayWhileItIsWatchedIsAskedAgain() {
    admin.put(TestingAdmin.ID, Phase.SUCCEEDED);
    admin.failures.set(3);

    assertThat(show("p/d/a1b2", "--watch")).isZero();
    assertThat(out.toString()).contains("o0 = 42");
  }

  @Test
  void anUnknownExecutionIsNamedWithItsServer() {
    assertThat(show("p/d/nothing")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo("turboprop: %s knows no execution p:d:nothing%n".formatted(address()));
  }

  @Test
  void aServerThatDoesNotAnswerIsNamed() {
    assertThat(run("show", "p/d/a1b2", "--endpoint=127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString()).contains("http://127.0.0.1:1 answers: UNAVAILABLE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "here", "here:port", "http://127.0.0.1", "127.0.0.1:80/path", "a b:1"})
  void whatIsNoAddressIsWrongUsage(String address) {
    assertThat(run("show", "a1b2", "--endpoint=" + address)).isEqualTo(2);
    assertThat(err.toString()).contains("'" + address + "' is no address of a server");
  }

  @Test
  void theAddressIsThatOfFlytesClientsUnlessItIsGiven() {
    assertThat(GivenEndpoint.of(Map.of())).isEqualTo(URI.create("http://127.0.0.1:30080"));
    assertThat(GivenEndpoint.of(Map.of("FLYTE_PLATFORM_URL", "dns:///localhost:30081")))
        .isEqualTo(URI.create("http://localhost:30081"));
  }

  private int show(String execution, String... more) {
    var arguments = new String[more.length + 3];
    arguments[0] = "show";
    arguments[1] = execution;
    arguments[2] = "--endpoint=" + address();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return run(arguments);
  }

  private URI address() {
    return URI.create("http://127.0.0.1:" + server.activeLocalPort());
  }

  private int run(String... arguments) {
    return TurbopropCommand.commandLine(_ -> TestingEngine.stoppedOne())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private static final class Asked extends TestingAdmin {
    private final Semaphore asked = new Semaphore(0);
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public void getExecution(
        WorkflowExecutionGetRequest request, StreamObserver<Execution> answer) {
      asked.release();
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        answer.onError(Status.UNAVAILABLE.asException());
        return;
      }
      super.getExecution(request, answer);
    }
  }
}
