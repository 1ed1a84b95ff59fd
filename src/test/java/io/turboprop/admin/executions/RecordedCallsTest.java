package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AuthMetadataServiceGrpc;
import flyteidl.service.DataProxyServiceGrpc;
import flyteidl.service.Dataproxy.CreateUploadLocationResponse;
import flyteidl.service.IdentityServiceGrpc;
import flyteidl.service.SignalServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.turboprop.Shared;
import io.turboprop.admin.data.Links;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays recorded calls of clients, and compares the answers. The API runs nothing, so calls about
 * nodes may find none.
 */
@Tag("integration")
class RecordedCallsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Rpc<?, ?>> RPCS =
      Stream.of(
              AdminServiceGrpc.getServiceDescriptor(),
              AuthMetadataServiceGrpc.getServiceDescriptor(),
              DataProxyServiceGrpc.getServiceDescriptor(),
              IdentityServiceGrpc.getServiceDescriptor(),
              SignalServiceGrpc.getServiceDescriptor())
          .flatMap(service -> new RpcTable(service).rpcs().stream())
          .collect(Collectors.toMap(Rpc::name, rpc -> rpc));

  /** Headers that the HTTP client writes itself. */
  private static final Set<String> OWN_HEADERS = Set.of("Content-Length");

  @TempDir private Path folder;

  /** What executions are called here, by the names that they had when they were recorded. */
  private final Map<String, String> names = new LinkedHashMap<>();

  private String uploadTo = "";

  /** As {@code record.py} has recorded them, one scenario after the other. */
  @Test
  void ourOwnClientsAreAnsweredAsTheyWere() throws Exception {
    var scenarios = List.of("register", "run");
    try (var api = new TestingAdmin(folder)) {
      for (var scenario : scenarios) {
        var lines = Files.readAllLines(resource("recorded/" + scenario + ".jsonl"));
        assertThat(lines).isNotEmpty();
        for (var line : lines) {
          assertThat(replay(api, line, _ -> true)).as(line).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "branching_nested",
        "dynamic_fanout",
        "failure_node_failed",
        "files_input_upload",
        "gates_remote_client",
        "hello",
        "hello_single_task",
        "map_tasks",
        "schedules_register",
        "subworkflows_launch_child",
        "training_workflow"
      })
  void definitionsAreAnsweredAsTheyWere(String example) throws Exception {
    var lines = Files.readAllLines(Shared.path("examples/recorded/" + example + ".jsonl"));
    try (var api = new TestingAdmin(folder)) {
      for (var line : lines) {
        assertThat(replay(api, line, RecordedCallsTest::isOfDefinitions)).as(line).isTrue();
      }
    }
  }

  private static Path resource(String name) {
    return Path.of("src/test/resources/io/turboprop/admin/executions").resolve(name);
  }

  private static boolean isOfDefinitions(String method) {
    return method.matches(
        "(Create|Get|Update)(Task|Workflow|LaunchPlan)|GetActiveLaunchPlan|CreateUploadLocation");
  }

  private static boolean isOfNodes(String method) {
    return method.matches(".*(Node|Task)Execution.*");
  }

  /** Whether a call is answered as it was when it was recorded. */
  private boolean replay(TestingAdmin api, String recorded, Predicate<String> methods)
      throws IOException, InterruptedException {
    var line = recorded;
    for (var name : names.entrySet()) {
      line = line.replace(name.getKey(), name.getValue());
    }
    var call = JSON.readTree(line);
    if (call.has("http")) {
      return !methods.test("http") || status(api, call) == call.get("code").asInt();
    }
    var method = call.path("rpc").asText().replaceFirst(".*/", "");
    if (!methods.test(method)) {
      return true;
    }
    var code = code(api, Objects.requireNonNull(RPCS.get(method), method), call);
    return code.name().equals(call.get("code").asText())
        || isOfNodes(method) && code == Code.NOT_FOUND;
  }

  private <Q extends Message, A extends Message> Code code(
      TestingAdmin api, Rpc<Q, A> rpc, JsonNode call) throws InvalidProtocolBufferException {
    var builder = rpc.emptyRequest().newBuilderForType();
    JsonFormat.parser().merge(call.get("request").toString(), builder);
    try {
      @SuppressWarnings("unchecked") // a builder of Q builds Q
      var request = (Q) builder.build();
      var answer =
          ClientCalls.blockingUnaryCall(api.channel(), rpc.method(), CallOptions.DEFAULT, request);
      if (answer instanceof ExecutionCreateResponse created && call.has("created")) {
        names.put(call.get("created").asText(), created.getId().getName());
      }
      if (answer instanceof CreateUploadLocationResponse location) {
        uploadTo = location.getSignedUrl();
      }
      return Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }

  /** Uploads go to the link that was given out last, since links are signed. */
  private int status(TestingAdmin api, JsonNode call) throws IOException, InterruptedException {
    var headers = new ArrayList<String>();
    call.get("headers")
        .properties()
        .forEach(header -> {
          if (!OWN_HEADERS.contains(header.getKey())) {
            headers.addAll(List.of(header.getKey(), header.getValue().asText()));
          }
        });
    var path = call.get("path").asText();
    return api.http(
            call.get("http").asText(),
            path.startsWith(Links.PREFIX) ? uploadTo : path,
            Base64.getDecoder().decode(call.get("body").asText()),
            headers.toArray(String[]::new))
        .statusCode();
  }
}
