package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.DataProxyServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.turboprop.Shared;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays recorded calls of flytekit that register its examples, and compares the answers. */
@Tag("integration")
class RecordedCallsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Rpc<?, ?>> RPCS =
      Stream.of(
              rpcs(AdminServiceGrpc.getServiceDescriptor()),
              rpcs(DataProxyServiceGrpc.getServiceDescriptor()))
          .flatMap(Function.identity())
          .collect(Collectors.toMap(Rpc::name, Function.identity()));

  @TempDir private Path folder;

  private static Rpc<?, ?> rpc(String name) {
    return Objects.requireNonNull(RPCS.get(name), name);
  }

  private static Stream<Rpc<?, ?>> rpcs(ServiceDescriptor service) {
    return new RpcTable(service).rpcs().stream();
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
  void definitionsAreAnsweredAsTheyWere(String example) throws IOException {
    var lines = Files.readAllLines(Shared.path("examples/recorded/" + example + ".jsonl"));
    try (var api = new TestingAdmin(folder)) {
      for (var line : lines) {
        var call = JSON.readTree(line);
        var method = call.path("rpc").asText().replaceFirst(".*/", "");
        if (isOfDefinitions(method)) {
          assertThat(code(api, rpc(method), call.get("request")))
              .describedAs(line)
              .hasToString(call.get("code").asText());
        }
      }
    }
  }

  private static boolean isOfDefinitions(String method) {
    return method.matches(
        "(Create|Get|Update)(Task|Workflow|LaunchPlan)|GetActiveLaunchPlan|CreateUploadLocation");
  }

  private static <Q extends Message, A extends Message> Code code(
      TestingAdmin api, Rpc<Q, A> rpc, JsonNode json) throws InvalidProtocolBufferException {
    var builder = rpc.emptyRequest().newBuilderForType();
    JsonFormat.parser().merge(json.toString(), builder);
    try {
      @SuppressWarnings("unchecked") // a builder of Q builds Q
      var request = (Q) builder.build();
      ClientCalls.blockingUnaryCall(api.channel(), rpc.method(), CallOptions.DEFAULT, request);
      return Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }
}
