package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import flyteidl.admin.VersionOuterClass.GetVersionRequest;
import flyteidl.admin.VersionOuterClass.GetVersionResponse;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceFutureStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AdminServerLifeTest {
  private final Semaphore entered = new Semaphore(0);
  private final CountDownLatch gate = new CountDownLatch(1);

  @Test
  @Timeout(180)
  void aCallUnderWayEndsBeforeTheServerDoes() throws Exception {
    var server = start("");
    var channel = channel(server);
    var call = stub(channel).getVersion(GetVersionRequest.getDefaultInstance());
    entered.acquire();
    var closed = CompletableFuture.runAsync(server::close);
    assertThat(closed).isNotDone();
    gate.countDown();
    assertThat(call.get(60, TimeUnit.SECONDS)).isNotNull();
    closed.get(60, TimeUnit.SECONDS);
    channel.shutdownNow();
  }

  @Test
  @Timeout(180)
  void handlersThatBlockDoNotHinderEachOther() throws Exception {
    try (var server = start("")) {
      var channel = channel(server);
      var calls = new ArrayList<Future<GetVersionResponse>>();
      for (var i = 0; i < 100; i++) {
        calls.add(stub(channel).getVersion(GetVersionRequest.getDefaultInstance()));
      }
      entered.acquire(100);
      gate.countDown();
      for (var call : calls) {
        assertThat(call.get(60, TimeUnit.SECONDS)).isNotNull();
      }
      channel.shutdownNow();
    }
  }

  @Test
  @Timeout(180)
  void aCallThatTakesTooLongIsAnsweredSo() throws Exception {
    try (var server = start("request-timeout = 200ms");
        var http = HttpClient.newHttpClient()) {
      var channel = channel(server);
      assertThatThrownBy(() ->
              AdminServiceGrpc.newBlockingStub(channel)
                  .getVersion(GetVersionRequest.getDefaultInstance()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode())
                      .isIn(Code.DEADLINE_EXCEEDED, Code.CANCELLED));
      var uri = URI.create("http://127.0.0.1:" + server.port() + "/api/v1/version");
      var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(504);
      assertThat(answer.body()).contains("\"code\":4");
      gate.countDown();
      channel.shutdownNow();
    }
  }

  @Test
  @Timeout(180)
  void aCallBeyondTheQueueIsRefusedAndQueuedCallsAreAnswered() throws Exception {
    try (var server = start("handlers-max = 2, waiting-max = 3");
        var http = HttpClient.newHttpClient()) {
      var channel = channel(server);
      var taken = new ArrayList<Future<GetVersionResponse>>();
      for (var i = 0; i < 2; i++) {
        taken.add(stub(channel).getVersion(GetVersionRequest.getDefaultInstance()));
      }
      entered.acquire(2);
      var refused = new CountDownLatch(4);
      for (var i = 0; i < 7; i++) {
        var call = stub(channel).getVersion(GetVersionRequest.getDefaultInstance());
        call.addListener(
            () -> {
              if (code(call) == Code.RESOURCE_EXHAUSTED) {
                refused.countDown();
              }
            },
            Runnable::run);
        taken.add(call);
      }
      refused.await();

      var uri = URI.create("http://127.0.0.1:" + server.port() + "/api/v1/version");
      var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.body()).contains("\"code\":8");

      gate.countDown();
      entered.acquire(3);
      assertThat(taken.stream().filter(call -> code(call) == Code.OK)).hasSize(5);
      assertThat(refused.getCount()).isZero();
      channel.shutdownNow();
    }
  }

  /** Waits for the end of a call, and returns its result. */
  private static Code code(Future<GetVersionResponse> call) {
    try {
      call.get(60, TimeUnit.SECONDS);
      return Code.OK;
    } catch (ExecutionException e) {
      return Status.fromThrowable(e).getCode();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private AdminServer start(String overrides) {
    var config =
        ConfigFactory.parseString("port = 0\n" + overrides)
            .withFallback(
                ConfigFactory.parseResources("reference.conf").getConfig("turboprop.admin"));
    var table =
        new RpcTable(AdminServiceGrpc.getServiceDescriptor())
            .on(AdminServiceGrpc.getGetVersionMethod(), _ -> answerWhenOpen());
    return AdminServer.start(
        AdminSettings.from(config),
        List.of(table),
        Map.of(),
        new Readiness(Map.of(), Runnable::run),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  private GetVersionResponse answerWhenOpen() {
    entered.release();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return GetVersionResponse.getDefaultInstance();
  }

  private static ManagedChannel channel(AdminServer server) {
    return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  private static AdminServiceFutureStub stub(ManagedChannel channel) {
    return AdminServiceGrpc.newFutureStub(channel);
  }
}
