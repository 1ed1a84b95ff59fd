package io.turboprop.node;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.node.TestingArrays.literals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.SimpleType;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.turboprop.workflow.state.Progress;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArrayHandlerTest {
  private static final NodeKind.Array ARRAY = TestingArrays.array(Encoding.ARRAY_NODE);
  private static final int READ_BYTES_MAX = 1_000_000;

  private final MemoryDataStore store = new MemoryDataStore();
  private final Layout layout = Layout.of(store.base());
  private LiteralOffloading offloading = LiteralOffloading.DEFAULT;
  private final DataReference inputs =
      new DataReference("mem://turboprop/metadata/p-d-e/n0/data/inputs.pb");

  @Test
  void smallInputsOpenTheArrayAsTheyAre() {
    var given = literals("x", numbers(3));
    assertThat(open(given))
        .isEqualTo(
            new NodeTransition.Opened(
                new Values.Inline(given), new Subgraph.ArrayElements(3), AttemptSummary.NONE));
  }

  @Test
  void largeInputsAreWrittenWhereTheTasksOfTheElementsReadThem() throws IOException {
    var given = literals("x", numbers(2_000));
    assertThat(open(given))
        .isEqualTo(
            new NodeTransition.Opened(
                new Values.Stored(inputs), new Subgraph.ArrayElements(2_000), AttemptSummary.NONE));
    assertThat(Literals.parse(store.read(inputs, READ_BYTES_MAX))).isEqualTo(given);
  }

  @Test
  void anArrayWithoutListsFailsForGood() {
    assertThat(open(literals("x", integer(1))))
        .isEqualTo(
            new NodeTransition.Failed(
                ExecutionError.user("InvalidArrayLength", "no input array provided"),
                false,
                AttemptSummary.NONE));
  }

  @Test
  void outputsOfElementsBecomeListsInElementOrder() throws IOException {
    var stored = new DataReference("mem://turboprop/1/outputs.pb");
    store.write(stored, literals("o", integer(20)).bytes());
    var made =
        gather(
            succeeded(new Values.Inline(literals("o", integer(10)))),
            succeeded(new Values.Stored(stored)),
            failed(),
            new Ended(
                NodePhase.RECOVERED,
                0,
                new Values.Inline(literals("o", integer(40))),
                Optional.empty()));
    assertThat(made).isEqualTo(literals("o", list(integer(10), integer(20), none(), integer(40))));
  }

  @Test
  void anArrayWithoutElementsMakesEmptyLists() {
    assertThat(gather()).isEqualTo(literals("o", list()));
  }

  @Test
  void outputsThatCanNotBeReadNowAreReadAgainAndLeaveNoGap() {
    var missing = new Values.Stored(new DataReference("mem://turboprop/missing.pb"));
    assertThatThrownBy(
            () -> gather(succeeded(missing), succeeded(new Values.Inline(Literals.EMPTY))))
        .hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void outputsThatAreTooLargeForTheirMapLieBesideIt() throws IOException {
    var handler = handler(Optional.of(finished(succeeded(large()), succeeded(large()))));
    var made =
        (NodeTransition.Succeeded) handler.handle(Progress.NONE).toCompletableFuture().join();
    var literal = ((Values.Inline) made.outputs()).literals().get("o").orElseThrow();
    var metadata = literal.getOffloadedMetadata();
    var list = Literal.parseFrom(store.read(new DataReference(metadata.getUri()), Long.MAX_VALUE));
    assertThat(list).isEqualTo(list(largeText(), largeText()));
    assertThat(metadata.getSizeBytes()).isEqualTo(list.getSerializedSize());
    assertThat(metadata.getInferredType().getCollectionType().getSimple())
        .isEqualTo(SimpleType.STRING);
    assertThat(literal.getHash()).hasSize(43);
  }

  @Test
  void outputsTooLargeForReadersFailTheArray() {
    offloading = new LiteralOffloading(false, 0, 0, 0, Map.of());
    var handler = handler(Optional.of(finished(succeeded(large()), succeeded(large()))));
    var transition = handler.handle(Progress.NONE).toCompletableFuture().join();
    assertThat(transition).isInstanceOf(NodeTransition.Failed.class);
    assertThat(((NodeTransition.Failed) transition).error().code()).isEqualTo("OutputSizeExceeded");
    assertThat(((NodeTransition.Failed) transition).error().message())
        .contains("turboprop.data.read-max");
    assertThat(((NodeTransition.Failed) transition).recoverable()).isFalse();
  }

  private static Literal largeText() {
    return io.turboprop.data.TestingLiterals.text("x".repeat(READ_BYTES_MAX / 2));
  }

  private static Values large() {
    return new Values.Inline(literals("o", largeText()));
  }

  private NodeTransition open(Literals given) {
    return handler(given, Optional.empty()).handle(Progress.NONE).toCompletableFuture().join();
  }

  private Literals gather(NodeState... elements) {
    var transition =
        handler(Optional.of(finished(elements))).handle(Progress.NONE).toCompletableFuture().join();
    assertThat(transition).isInstanceOf(NodeTransition.Succeeded.class);
    var outputs = ((NodeTransition.Succeeded) transition).outputs();
    assertThat(outputs).isInstanceOf(Values.Inline.class);
    return ((Values.Inline) outputs).literals();
  }

  private ArrayHandler handler(Optional<GraphState> finished) {
    return handler(Literals.EMPTY, finished);
  }

  private ArrayHandler handler(Literals given, Optional<GraphState> finished) {
    var template = TaskTemplate.newBuilder();
    template
        .getInterfaceBuilder()
        .getOutputsBuilder()
        .putVariables("o", flyteidl.core.Interface.Variable.getDefaultInstance());
    return new ArrayHandler(
        TestingArrays.assignment(ARRAY, given, finished),
        ARRAY,
        new NodeInputsReader(store, Layout.of(store.base()), Runnable::run, READ_BYTES_MAX),
        new ValuesWriter(store, layout, Runnable::run),
        new OutputNames(_ -> template.build(), _ -> Set.of()),
        Runnable::run,
        READ_BYTES_MAX,
        new OffloadedLists(store, offloading));
  }

  private static GraphState finished(NodeState... elements) {
    return new GraphState(
        new ElementGraph(ARRAY, elements.length),
        new Subgraph.ArrayElements(elements.length),
        Values.NONE,
        Vector.of(elements),
        elements.length,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }

  private static Ended succeeded(Values outputs) {
    return new Ended(NodePhase.SUCCEEDED, 0, outputs, Optional.empty());
  }

  private static Ended failed() {
    return new Ended(
        NodePhase.FAILED, 0, Values.NONE, Optional.of(ExecutionError.user("Error", "no")));
  }

  private static Literal none() {
    var none = Literal.newBuilder();
    none.getScalarBuilder().getNoneTypeBuilder();
    return none.build();
  }

  private static Literal numbers(int count) {
    return list(
        LongStream.range(0, count)
            .mapToObj(io.turboprop.data.TestingLiterals::integer)
            .toArray(Literal[]::new));
  }
}
