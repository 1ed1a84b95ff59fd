package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import datacatalog.DataCatalogGrpc;
import flyteidl.admin.Event.NodeExecutionEventRequest;
import flyteidl.admin.Event.WorkflowExecutionEventRequest;
import flyteidl.admin.ProjectOuterClass.Project;
import flyteidl.admin.ProjectOuterClass.Projects;
import flyteidl.admin.VersionOuterClass.GetVersionRequest;
import flyteidl.service.AuthMetadataServiceGrpc;
import flyteidl.service.IdentityServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.turboprop.admin.definitions.TestingDefinitions;
import io.turboprop.admin.executions.TestingAdmin;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class AdminServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] NOTHING = {};

  @TempDir private static Path folder;
  private static TestingAdmin api;

  @BeforeAll
  static void start() throws IOException {
    api = new TestingAdmin(folder);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> new TestingAdmin(folder, "port = " + api.port()).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("can't listen on 127.0.0.1:" + api.port());
  }

  @Test
  void jsonIsCamelCaseUnlessItIsAskedForExactly() throws Exception {
    register("json");
    var path = "/api/v1/tasks/flytesnacks/development/json/v1";
    assertThat(json(get(path)).at("/closure/compiledTask/template/type").asText())
        .isEqualTo("python-task");
    var any = get(path, "Accept", "application/json, text/plain, */*");
    assertThat(json(any).has("shortDescription")).isTrue();
    var exact = json(get(path, "Accept", "application/json"));
    assertThat(exact.at("/closure/compiled_task/template/type").asText()).isEqualTo("python-task");
    assertThat(exact.at("/id/resource_type").asText()).isEqualTo("TASK");
    assertThat(exact.at("/closure/compiled_task/template/security_context").isNull()).isTrue();
    assertThat(exact.at("/closure/compiled_task/template/k8s_pod").isMissingNode()).isTrue();
    var byContentType = get(path, "Content-Type", "application/json");
    assertThat(json(byContentType).has("short_description")).isTrue();
  }

  @Test
  void aLongAnswerIsCompressedForClientsThatAcceptIt() throws Exception {
    var request = TestingDefinitions.task("compressed", "v1").toBuilder();
    request.getSpecBuilder().getTemplateBuilder().getContainerBuilder().addArgs("x".repeat(5000));
    api.admin().createTask(request.build());
    var path = "/api/v1/tasks/flytesnacks/development/compressed/v1";
    var plain = get(path, "Accept-Encoding", "gzip;q=0, br");
    assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
    var compressed = get(path, "Accept-Encoding", "br, gzip");
    assertThat(compressed.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(compressed.body()).hasSizeLessThan(2000);
    var in = new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(compressed.body()));
    assertThat(in.readAllBytes()).isEqualTo(plain.body());
  }

  @Test
  void octetStreamsAreProtobufBothWays() throws Exception {
    var project = Project.newBuilder().setId("flytesnacks").setDescription("binary").build();
    var put =
        api.http(
            "PUT",
            "/api/v1/projects/flytesnacks",
            project.toByteArray(),
            "Content-Type",
            "application/octet-stream",
            "Accept",
            "application/octet-stream");
    assertThat(put.statusCode()).isEqualTo(200);
    var projects = get("/api/v1/projects", "Accept", "application/octet-stream");
    assertThat(projects.headers().firstValue("content-type")).hasValue("application/octet-stream");
    assertThat(Projects.parseFrom(projects.body()).getProjects(0).getDescription())
        .isEqualTo("binary");
    var missing = get("/api/v1/projects/none", "Accept", "application/octet-stream");
    assertThat(com.google.rpc.Status.parseFrom(missing.body()).getCode())
        .isEqualTo(Code.NOT_FOUND.value());
  }

  @Test
  void refusalsHaveCodeMessageAndDetails() throws Exception {
    var missing = get("/api/v1/tasks/flytesnacks/development/none/v1");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(json(missing).get("code").asInt()).isEqualTo(5);
    assertThat(json(missing).get("message").asText())
        .isEqualTo("missing entity of type TASK with identifier flytesnacks:development:none:v1");
    assertThat(json(missing).get("details")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /api/v1/nothing                                     | 404
          GET    | /nothing                                            | 404
          GET    | /                                                   | 404
          PATCH  | /api/v1/projects                                    | 501
          DELETE | /api/v1/tasks                                       | 501
          GET    | /api/v1/tasks/flytesnacks/development               | 400
          GET    | /api/v1/tasks/flytesnacks/development?limit=-1      | 400
          GET    | /api/v1/tasks/flytesnacks/development?limit=x       | 400
          GET    | /api/v1/tasks/flytesnacks/development?limit=1&token=x | 400
          GET    | /api/v1/tasks/flytesnacks/development?limit=1&unknown=x | 200
          GET    | /api/v1/tasks/flytesnacks/development?limit=1&sortBy.key=created_at&sort_by.direction=ASCENDING | 200
          GET    | /api/v1/tasks/flytesnacks/development?limit=1&sort_by.direction=SIDEWAYS | 400
          GET    | /api/v1/tasks/flytesnacks/development/%00/v         | 400
          GET    | /api/v1/named_entities/WORKFLOW/flytesnacks/development?limit=1 | 200
          GET    | /api/v1/named_entities/2/flytesnacks/development?limit=1 | 200
          GET    | /api/v1/named_entities/9/flytesnacks/development?limit=1 | 400
          GET    | /api/v1/executions/p/d/n                            | 404
          DELETE | /api/v1/executions/p/d/n                            | 404
          GET    | /healthcheck                                        | 200
          GET    | /metrics                                            | 200
          """)
  void everyPathHasItsStatus(String method, String path, int status) throws Exception {
    assertThat(api.http(method, path, NOTHING).statusCode()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "\"x\"",
        "{\"spec\": 5}",
        "{\"spec\": {\"launchPlan\": []}}",
        "\u0000\u0001\u0002",
        "{\"inputs\": {\"literals\": {\"x\": {\"scalar\": {\"primitive\": {\"integer\": \"1e99\"}}}}}}"
      })
  void aMalformedBodyIsTheClientsMistake(String body) throws Exception {
    var answer = api.http("POST", "/api/v1/executions", body.getBytes(UTF_8));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).get("code").asInt()).isEqualTo(3);
    assertThat(json(answer).get("message").asText()).startsWith("malformed request body");
  }

  @Test
  void aBodyNestedTooDeeplyIsRefused() throws Exception {
    var deep = "{\"spec\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThat(api.http("POST", "/api/v1/executions", deep.getBytes(UTF_8)).statusCode())
        .isEqualTo(400);
  }

  @Test
  void unknownFieldsAreRefusedWhereJsonIsNamedExactly() throws Exception {
    var body = "{\"project\": {\"id\": \"lenient\", \"name\": \"x\", \"what\": 1}}".getBytes(UTF_8);
    assertThat(
            api.http("POST", "/api/v1/projects", body, "Content-Type", "application/json")
                .statusCode())
        .isEqualTo(400);
    assertThat(api.http("POST", "/api/v1/projects", body, "Content-Type", "text/json").statusCode())
        .isEqualTo(200);
  }

  @Test
  void aMalformedMessageIsRefusedAndHarmsNoOtherCall() throws Exception {
    var garbage = new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 1, 2, 3};
    var binary =
        api.http("POST", "/api/v1/tasks", garbage, "Content-Type", "application/octet-stream");
    assertThat(binary.statusCode()).isEqualTo(400);

    var version = flyteidl.service.AdminServiceGrpc.getCreateTaskMethod();
    var raw = version.toBuilder(new BytesMarshaller(), version.getResponseMarshaller()).build();
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(api.channel(), raw, CallOptions.DEFAULT, garbage))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode())
                    .isIn(Code.INVALID_ARGUMENT, Code.INTERNAL));
    assertStillServes();
  }

  @ParameterizedTest
  @ValueSource(ints = {33, 100})
  void aMessageThatIsTooLargeIsRefusedAndHarmsNoOtherCall(int megabytes) throws Exception {
    var request = TestingDefinitions.task("large", "v1").toBuilder();
    request
        .getSpecBuilder()
        .getTemplateBuilder()
        .getContainerBuilder()
        .addArgsBytes(ByteString.copyFrom(new byte[megabytes * 1024 * 1024]));
    assertThatThrownBy(() -> api.admin().createTask(request.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED));
    var rest = api.http("POST", "/api/v1/tasks", request.build().toByteArray());
    assertThat(rest.statusCode()).isEqualTo(413);
    assertThat(json(rest).get("code").asInt()).isEqualTo(8);
    assertStillServes();
  }

  @Test
  void twentyMegabytesAreTaken() {
    var request = TestingDefinitions.task("twenty", "v1").toBuilder();
    request
        .getSpecBuilder()
        .getTemplateBuilder()
        .getContainerBuilder()
        .addArgs("x".repeat(20 * 1024 * 1024));
    api.admin().createTask(request.build());
    assertStillServes();
  }

  @ParameterizedTest
  @MethodSource("unanswered")
  void unimplementedMethodsAreNamed(MethodDescriptor<?, ?> method) {
    assertThatThrownBy(() -> call(method))
        .hasMessage("UNIMPLEMENTED: method %s is not implemented", method.getFullMethodName());
  }

  static Stream<MethodDescriptor<?, ?>> unanswered() {
    return Stream.of(
            DataCatalogGrpc.getServiceDescriptor(),
            AuthMetadataServiceGrpc.getServiceDescriptor(),
            IdentityServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream());
  }

  /** Sends an empty message, which every method understands. */
  private static void call(MethodDescriptor<?, ?> method) {
    var bytes = new BytesMarshaller();
    ClientCalls.blockingUnaryCall(
        api.channel(), method.toBuilder(bytes, bytes).build(), CallOptions.DEFAULT, NOTHING);
  }

  @Test
  void aBugIsInternalAndTellsNothing() {
    assertThatThrownBy(
            () -> api.admin().createNodeEvent(NodeExecutionEventRequest.getDefaultInstance()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Code.INTERNAL);
              assertThat(refused.getStatus().getDescription()).startsWith("internal error");
            });
    assertThatThrownBy(() ->
            api.admin().createWorkflowEvent(WorkflowExecutionEventRequest.getDefaultInstance()))
        .hasMessageStartingWith("UNIMPLEMENTED: CreateWorkflowEvent: this server executes");
  }

  @Test
  void healthReflectionAndMetricsAreThere() throws Exception {
    var health = HealthGrpc.newBlockingStub(api.channel());
    var named = HealthCheckRequest.newBuilder().setService("flyteadmin").build();
    assertThat(health.check(named).getStatus()).isEqualTo(ServingStatus.SERVING);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
    assertThat(services()).contains("flyteidl.service.AdminService", "grpc.health.v1.Health");
    assertStillServes();
    assertThat(new String(get("/metrics").body(), UTF_8))
        .contains("turboprop_rpc_seconds_count{code=\"OK\",method=\"GetVersion\"}");
    assertThat(get("/healthcheck").body()).isEmpty();
  }

  private static String services() throws Exception {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    var stub = ServerReflectionGrpc.newStub(api.channel());
    var requests =
        stub.serverReflectionInfo(
            new StreamObserver<>() {
              @Override
              public void onNext(ServerReflectionResponse response) {
                answer.complete(response);
              }

              @Override
              public void onError(Throwable thrown) {
                answer.completeExceptionally(thrown);
              }

              @Override
              public void onCompleted() {}
            });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onCompleted();
    return answer.get().toString();
  }

  @Test
  void theServerKnowsNoUser() throws Exception {
    assertThat(get("/me").statusCode()).isEqualTo(501);
    assertThat(get("/config/v1/flyte_client").statusCode()).isEqualTo(501);
    assertThat(get("/.well-known/oauth-authorization-server").statusCode()).isEqualTo(501);
  }

  private static final class BytesMarshaller
      implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
    @Override
    public java.io.InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(java.io.InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static void assertStillServes() {
    var version = api.admin().getVersion(GetVersionRequest.getDefaultInstance());
    assertThat(version.getControlPlaneVersion().getVersion()).isEqualTo("unknown");
  }

  private static void register(String name) {
    api.admin().createTask(TestingDefinitions.task(name, "v1"));
  }

  private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return api.http("GET", path, NOTHING, headers);
  }

  private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
    return JSON.readTree(answer.body());
  }
}
