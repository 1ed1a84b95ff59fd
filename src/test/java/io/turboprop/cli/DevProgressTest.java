package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import flyteidl.admin.ProjectOuterClass.Projects;
import flyteidl.service.AdminServiceGrpc.AdminServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.turboprop.cli.progress.PlainDisplay;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DevProgressTest {
  private final Projectless admin = new Projectless();
  private final Watched engine = new Watched();
  private final Server server =
      Server.builder().http(0).service(GrpcService.builder().addService(admin).build()).build();
  private Thread progress = new Thread();

  @BeforeEach
  void serve() {
    server.start().join();
    var display =
        new PlainDisplay(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    progress = DevProgress.show(engine, display);
  }

  @AfterEach
  void stop() throws InterruptedException {
    progress.interrupt();
    progress.join();
    // its future would take two seconds, for the quiet period of the accepting thread
    server.closeAsync();
  }

  @Test
  void theServerIsAskedAgainOnlyWhenSomethingHasChanged() throws InterruptedException {
    admin.asked.acquire();
    engine.looked.drainPermits();
    engine.looked.acquire(3);
    assertThat(admin.asked.availablePermits()).isZero();

    engine.changes.incrementAndGet();
    admin.asked.acquire();
  }

  @Test
  void aServerThatDoesNotAnswerIsAskedAgain() throws InterruptedException {
    admin.asked.acquire();
    admin.failures.set(2);
    engine.changes.incrementAndGet();

    admin.asked.acquire(3);
    engine.looked.drainPermits();
    engine.looked.acquire(3);
    assertThat(admin.asked.availablePermits()).isZero();
  }

  /** A server that has nothing, and sometimes does not even say that. */
  private static final class Projectless extends AdminServiceImplBase {
    private final Semaphore asked = new Semaphore(0);
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public void listProjects(ProjectListRequest request, StreamObserver<Projects> answer) {
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        answer.onError(Status.UNAVAILABLE.asException());
      } else {
        answer.onNext(Projects.getDefaultInstance());
        answer.onCompleted();
      }
      asked.release();
    }
  }

  private final class Watched implements Engine {
    private final AtomicLong changes = new AtomicLong();
    private final Semaphore looked = new Semaphore(0);

    @Override
    public URI endpoint() {
      return URI.create("http://127.0.0.1:" + server.activeLocalPort());
    }

    @Override
    public long changes() {
      looked.release();
      return changes.get();
    }

    @Override
    public CompletionStage<Void> stopped() {
      return new CompletableFuture<>();
    }

    @Override
    public void close() {}
  }
}
