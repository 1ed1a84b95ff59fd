package io.turboprop.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import flyteidl.service.DataProxyServiceGrpc.DataProxyServiceBlockingStub;
import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import io.turboprop.cli.progress.ExecutionReader;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A short load on an engine through its own API, with the calls that clients make most often:
 * definitions, an upload, executions over gRPC and REST, lists, values.
 *
 * <p>The launcher trains the JVM with this load. A JVM that runs with {@code -XX:AOTCacheOutput}
 * records at its end which code was hot. A JVM that starts from that record compiles this code at
 * once; without the record it would find the hot code only during some thousand executions.
 */
final class WarmUpLoad {
  private static final int STEPS = 10;

  /** How many executions each client has under way: the engine sees single ones and a crowd. */
  private static final List<Integer> CLIENTS = List.of(1, 5, 20, 60);

  private static final String EXECUTIONS = "/api/v1/executions";
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  /** How long a client waits for executions of some milliseconds before it gives up. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI endpoint;
  private final AdminServiceBlockingStub admin;
  private final BlockingWebClient http;
  private final EchoWorkflow workflow = EchoWorkflow.chain(STEPS);

  private WarmUpLoad(URI endpoint) {
    this.endpoint = endpoint;
    this.admin = GrpcClients.newClient("gproto+" + endpoint, AdminServiceBlockingStub.class);
    this.http = WebClient.of(endpoint).blocking();
  }

  /**
   * Runs executions for this long, a few at least, and returns when the last has ended.
   *
   * @return how many executions there were; all have succeeded
   * @throws ExecutionException when a call is refused, or an execution does not succeed
   */
  static int run(URI endpoint, Duration length) throws ExecutionException, InterruptedException {
    var load = new WarmUpLoad(endpoint);
    try (var clients = Executors.newFixedThreadPool(CLIENTS.size())) {
      clients.submit(load::prepare).get();
      var end = System.nanoTime() + length.toNanos();
      var runs =
          CLIENTS.stream().map(crowd -> clients.submit(() -> load.runUntil(end, crowd))).toList();
      var executions = 0;
      for (var run : runs) {
        executions += run.get();
      }
      return executions;
    }
  }

  private Void prepare() throws NoSuchAlgorithmException, InvalidProtocolBufferException {
    upload(ByteString.copyFromUtf8("print('code')"));
    admin.createTask(workflow.task());
    admin.createWorkflow(workflow.workflow());
    admin.createLaunchPlan(workflow.launchPlan());
    var body = JsonFormat.printer().print(workflow.execution(1));
    accepted(http.prepare().post(EXECUTIONS).content(MediaType.JSON, body).execute());
    var project = EchoWorkflow.PROJECT + "/" + EchoWorkflow.DOMAIN;
    accepted(http.get(EXECUTIONS + "/" + project + "?limit=10"));
    return null;
  }

  private void upload(ByteString content) throws NoSuchAlgorithmException {
    var md5 = MessageDigest.getInstance("MD5").digest(content.toByteArray());
    var location =
        GrpcClients.newClient("gproto+" + endpoint, DataProxyServiceBlockingStub.class)
            .createUploadLocation(
                CreateUploadLocationRequest.newBuilder()
                    .setProject(EchoWorkflow.PROJECT)
                    .setDomain(EchoWorkflow.DOMAIN)
                    .setFilename("code.py")
                    .setContentMd5(ByteString.copyFrom(md5))
                    .build());
    var put = WebClient.of().blocking().prepare().put(location.getSignedUrl());
    location.getHeadersMap().forEach(put::header);
    accepted(put.content(MediaType.OCTET_STREAM, content.toByteArray()).execute());
  }

  private static void accepted(AggregatedHttpResponse response) {
    if (!response.status().equals(HttpStatus.OK)) {
      throw new IllegalStateException(response.status() + ": " + response.contentUtf8());
    }
  }

  /** One client: starts some executions, waits for their ends, reads one of them, and repeats. */
  private int runUntil(long end, int crowd) throws InterruptedException {
    var reader = ExecutionReader.at(endpoint);
    var executions = 0;
    do {
      var started = IntStream.range(0, crowd).mapToObj(this::start).toList();
      executions += awaitSuccess(started);
      reader.read(started.getFirst());
      reader.outputs(started.getFirst());
    } while (System.nanoTime() - end < 0);
    return executions;
  }

  private WorkflowExecutionIdentifier start(int x) {
    return admin.createExecution(workflow.execution(x)).getId();
  }

  private int awaitSuccess(List<WorkflowExecutionIdentifier> started) throws InterruptedException {
    var deadline = System.nanoTime() + TIMEOUT.toNanos();
    var request = ended(started);
    var found = List.<Execution>of();
    while (found.size() < started.size()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%d of %d executions have not ended in time"
                .formatted(started.size() - found.size(), started.size()));
      }
      Thread.sleep(POLL_INTERVAL);
      found = admin.listExecutions(request).getExecutionsList();
    }
    found.forEach(WarmUpLoad::requireSuccess);
    return found.size();
  }

  private static ResourceListRequest ended(List<WorkflowExecutionIdentifier> started) {
    var names =
        started.stream().map(WorkflowExecutionIdentifier::getName).collect(Collectors.joining(";"));
    return ResourceListRequest.newBuilder()
        .setId(
            NamedEntityIdentifier.newBuilder()
                .setProject(EchoWorkflow.PROJECT)
                .setDomain(EchoWorkflow.DOMAIN))
        .setLimit(started.size())
        .setFilters(
            "value_in(execution_name,%s)+value_in(phase,SUCCEEDED;FAILED;ABORTED;TIMED_OUT)"
                .formatted(names))
        .build();
  }

  private static void requireSuccess(Execution execution) {
    var closure = execution.getClosure();
    if (closure.getPhase() != Phase.SUCCEEDED) {
      throw new IllegalStateException(
          "%s is %s: %s"
              .formatted(
                  execution.getId().getName(),
                  closure.getPhase(),
                  closure.getError().getMessage()));
    }
  }
}
