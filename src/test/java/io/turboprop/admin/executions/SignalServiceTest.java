package io.turboprop.admin.executions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import flyteidl.admin.SignalOuterClass.Signal;
import flyteidl.admin.SignalOuterClass.SignalGetOrCreateRequest;
import flyteidl.admin.SignalOuterClass.SignalListRequest;
import flyteidl.admin.SignalOuterClass.SignalSetRequest;
import flyteidl.core.IdentifierOuterClass.SignalIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.service.SignalServiceGrpc;
import flyteidl.service.SignalServiceGrpc.SignalServiceBlockingStub;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.SignalTables;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class SignalServiceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LiteralType TEXT = type(SimpleType.STRING);
  private static final byte[] NOTHING = {};

  private TestingAdmin api;
  private SignalTables gates;
  private long execution;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    api = new TestingAdmin(folder);
    gates = new SignalTables(api.database);
    execution =
        new AcceptanceTables(api.database)
            .accept(TestingPlans.execution("e", Instant.now()))
            .orElseThrow()
            .number();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void aSignalIsCreatedOnce() {
    var created = create("title", TEXT);
    assertThat(created).isEqualTo(Signal.newBuilder().setId(id("title")).setType(TEXT).build());
    assertThat(create("title", type(SimpleType.BOOLEAN))).isEqualTo(created);
  }

  @Test
  void theLastValueIsKeptAndTheGateIsNotifiedEachTime() {
    await("title", TEXT);
    send("title", text("a"));
    send("title", text("b"));
    assertThat(api.workflows.toldToLookAgain).containsExactly("p:d:e n0", "p:d:e n0");
    assertThat(create("title", TEXT).getValue()).isEqualTo(text("b"));
    await("title", TEXT);
    send("title", text("c"));
    assertThat(api.workflows.toldToLookAgain)
        .as("a gate that has read a value may have crashed before its end was stored")
        .hasSize(3);
  }

  @Test
  void missingFieldsAreNamed() {
    refused(() -> send("", text("x")), "missing signal_id");
    refused(() -> send("title", Literal.getDefaultInstance()), "missing value");
    refused(() -> create("title", LiteralType.getDefaultInstance()), "missing type");
    refused(() -> stub().setSignal(SignalSetRequest.getDefaultInstance()), "missing project");
    refused(() -> stub().listSignals(SignalListRequest.getDefaultInstance()), "limit");
    refused(
        () -> stub().listSignals(SignalListRequest.newBuilder().setLimit(1).build()),
        "missing project");
  }

  @Test
  void aSignalThatIsNotThereSaysWhy() {
    refused(() -> send("title", text("x")), "no gate waits for it yet");
    var elsewhere = id("title").toBuilder();
    elsewhere.getExecutionIdBuilder().setName("nobody");
    var request = SignalSetRequest.newBuilder().setId(elsewhere).setValue(text("x")).build();
    refused(() -> stub().setSignal(request), "there is no such execution");
    end();
    refused(() -> send("title", text("x")), "the execution has ended (SUCCEEDED)");
  }

  @Test
  void anExecutionThatHasEndedTakesAValueForASignalThatWasThere() {
    await("title", TEXT);
    end();
    send("title", text("late"));
    assertThat(create("title", TEXT).getValue()).isEqualTo(text("late"));
    assertThat(api.workflows.toldToLookAgain).isEmpty();
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    create("title", TEXT);
    create("go", type(SimpleType.BOOLEAN));
    refused(() -> send("title", bool(true)), "signal [title] expects STRING, but got BOOLEAN");
    refused(() -> send("go", text("yes")), "signal [go] expects BOOLEAN, but got STRING");
    assertThat(create("title", TEXT).hasValue()).isFalse();
  }

  @Test
  void aValueThatIsTooLargeIsRefused() {
    create("title", TEXT);
    refused(() -> send("title", text("x".repeat(1 << 20))), "the limit is 1048576");
  }

  @Test
  void anUnknownExecutionHasNoSignalsAndGetsNone() {
    var nobody = executionId().toBuilder().setName("nobody").build();
    assertThat(
            stub()
                .listSignals(
                    SignalListRequest.newBuilder()
                        .setWorkflowExecutionId(nobody)
                        .setLimit(10)
                        .build())
                .getSignalsList())
        .isEmpty();
    var id = SignalIdentifier.newBuilder().setSignalId("s").setExecutionId(nobody);
    var request = SignalGetOrCreateRequest.newBuilder().setId(id).setType(TEXT).build();
    assertThatThrownBy(() -> stub().getOrCreateSignal(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void listsAreFilteredAndPaged() {
    create("a", TEXT);
    create("b", TEXT);
    create("c", TEXT);
    var request = SignalListRequest.newBuilder().setWorkflowExecutionId(executionId()).setLimit(2);
    var first = stub().listSignals(request.build());
    assertThat(first.getSignalsList())
        .extracting(signal -> signal.getId().getSignalId())
        .containsExactly("a", "b");
    var second = stub().listSignals(request.setToken(first.getToken()).build());
    assertThat(second.getSignalsList()).hasSize(1);
    assertThat(second.getToken()).isEmpty();
    var filtered = request.clearToken().setFilters("value_in(signal_id,b;c)").build();
    assertThat(stub().listSignals(filtered).getSignalsCount()).isEqualTo(2);
    refused(
        () -> stub().listSignals(request.setFilters("eq(value,x)").build()),
        "'s.value' is invalid filter");
  }

  @Test
  void restDoesTheSame() throws Exception {
    await("go", type(SimpleType.BOOLEAN));
    assertThat(post("go", "{\"scalar\": {\"primitive\": {\"boolean\": true}}}")).isEqualTo(200);
    assertThat(post("go", "{\"scalar\": {\"primitive\": {\"integer\": 1}}}")).isEqualTo(400);
    assertThat(post("stop", "{\"scalar\": {\"primitive\": {\"boolean\": true}}}")).isEqualTo(400);
    assertThat(api.workflows.toldToLookAgain).containsExactly("p:d:e n0");
    var listed = api.http("GET", "/api/v1/signals/p/d/e?limit=10", NOTHING);
    assertThat(listed.statusCode()).isEqualTo(200);
    var signal = JSON.readTree(listed.body()).at("/signals/0");
    assertThat(signal.at("/id/signalId").asText()).isEqualTo("go");
    assertThat(signal.at("/value/scalar/primitive/boolean").asBoolean()).isTrue();
  }

  private int post(String signalId, String value) throws Exception {
    var body =
        """
        {"id": {"signalId": "%s", "executionId": {"project": "p", "domain": "d", "name": "e"}},
         "value": %s}
        """
            .formatted(signalId, value);
    return api.http(
            "POST", "/api/v1/signals", body.getBytes(UTF_8), "Content-Type", "application/json")
        .statusCode();
  }

  /** Reads the signal, as the gate n0 does when it starts or is notified. */
  private void await(String signalId, LiteralType type) {
    gates.getOrAwait(execution, signalId, type.toByteString(), NodePath.root("n0"));
  }

  private void end() {
    api.database.sql().execute("update execution set final = true, phase = 4");
  }

  private Signal create(String signalId, LiteralType type) {
    return stub()
        .getOrCreateSignal(
            SignalGetOrCreateRequest.newBuilder().setId(id(signalId)).setType(type).build());
  }

  private void send(String signalId, Literal value) {
    stub().setSignal(SignalSetRequest.newBuilder().setId(id(signalId)).setValue(value).build());
  }

  private SignalServiceBlockingStub stub() {
    return SignalServiceGrpc.newBlockingStub(api.channel());
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  private static SignalIdentifier id(String signalId) {
    return SignalIdentifier.newBuilder()
        .setSignalId(signalId)
        .setExecutionId(executionId())
        .build();
  }

  private static WorkflowExecutionIdentifier executionId() {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject("p")
        .setDomain("d")
        .setName("e")
        .build();
  }

  private static LiteralType type(SimpleType type) {
    return LiteralType.newBuilder().setSimple(type).build();
  }

  private static Literal text(String value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setStringValue(value);
    return literal.build();
  }

  private static Literal bool(boolean value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setBoolean(value);
    return literal.build();
  }
}
