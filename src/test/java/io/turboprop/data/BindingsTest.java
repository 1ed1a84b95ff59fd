package io.turboprop.data;

import static io.turboprop.data.AttributePathsTest.path;
import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.map;
import static io.turboprop.data.TestingLiterals.offloaded;
import static io.turboprop.data.TestingLiterals.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.BindingDataCollection;
import flyteidl.core.Literals.BindingDataMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.OutputReference;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BindingsTest {
  private static final Map<String, Literals> SOURCES =
      Map.of(
          "start-node", Literals.of(Map.of("x", integer(1))),
          "n0", Literals.of(Map.of("o0", list(text("a"), text("b")), "o1", integer(2))));

  @ParameterizedTest(name = "{0}")
  @MethodSource("bindings")
  void aBindingGivesItsLiteral(String name, BindingData data, Literal expected) throws Exception {
    assertThat(Bindings.resolve(List.of(new Binding("v", data)), SOURCES))
        .isEqualTo(Literals.of(Map.of("v", expected)));
  }

  static Stream<Arguments> bindings() {
    return Stream.of(
        Arguments.of("a scalar", scalar(integer(5)), integer(5)),
        Arguments.of("nothing", BindingData.getDefaultInstance(), Literal.getDefaultInstance()),
        Arguments.of("an output", promise("n0", "o1"), integer(2)),
        Arguments.of("an output after a dot", promise("n0", ".o1"), integer(2)),
        Arguments.of("one element, in the old form", promise("n0", "[1].o0"), text("b")),
        Arguments.of("an input of the graph", promise("start-node", "x"), integer(1)),
        Arguments.of("an input of the graph, without node", promise("", "x"), integer(1)),
        Arguments.of("an attribute", promise("n0", "o0", 1), text("b")),
        Arguments.of(
            "a list of all kinds",
            BindingData.newBuilder()
                .setCollection(
                    BindingDataCollection.newBuilder()
                        .addBindings(promise("n0", "o1"))
                        .addBindings(scalar(integer(5))))
                .build(),
            list(integer(2), integer(5))),
        Arguments.of(
            "a map",
            BindingData.newBuilder()
                .setMap(BindingDataMap.newBuilder().putBindings("k", promise("n0", "o1")))
                .build(),
            map(Map.of("k", integer(2)))),
        Arguments.of(
            "an offloaded literal",
            BindingData.newBuilder()
                .setOffloadedMetadata(offloaded("/x").getOffloadedMetadata())
                .build(),
            offloaded("/x")));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void aBindingThatCannotBeResolvedNamesVariableNodeAndPath(BindingData data, String... parts) {
    assertThatThrownBy(() -> Bindings.resolve(List.of(new Binding("v", data)), SOURCES))
        .isInstanceOf(BindingException.class)
        .message()
        .contains("input 'v'")
        .contains(parts);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        error(promise("n9", "o0"), "n9.o0", "no outputs of node 'n9'"),
        error(promise("n0", "o9"), "n0.o9", "no output 'o9'"),
        error(promise("n0", "a.b"), "n0.a.b", "more than one output"),
        error(promise("n0", "."), "names no output"),
        error(promise("n0", "[0].o1"), "no list"),
        error(promise("n0", "[2].o0"), "index 2 is outside a list of 2"),
        error(promise("n0", "o0", -1), "n0.o0[-1]", "index -1"));
  }

  @Test
  void allBindingsTogetherAreTheInputs() throws Exception {
    var bindings =
        List.of(new Binding("a", promise("n0", "o1")), new Binding("b", scalar(text("c"))));
    assertThat(Bindings.resolve(bindings, SOURCES))
        .isEqualTo(Literals.of(Map.of("a", integer(2), "b", text("c"))));
    assertThat(Bindings.resolve(List.of(), Map.of())).isEqualTo(Literals.EMPTY);
  }

  @Test
  void anOffloadedOutputIsHandedOnUnlessAPathLeadsIntoIt() throws Exception {
    var sources = Map.of("n0", Literals.of(Map.of("o0", offloaded("/x"))));
    var whole = List.of(new Binding("v", promise("n0", "o0")));
    var part = List.of(new Binding("v", promise("n0", "o0", 0)));
    assertThat(Bindings.resolve(whole, sources).get("v")).contains(offloaded("/x"));
    assertThat(Bindings.resolve(part, sources, _ -> list(integer(7))).get("v"))
        .contains(integer(7));
    assertThatThrownBy(() -> Bindings.resolve(part, sources)).hasMessageContaining("/x");
  }

  @Test
  void aStoreThatIsAwayIsNoFaultOfTheBinding() {
    var sources = Map.of("n0", Literals.of(Map.of("o0", offloaded("/x"))));
    var part = List.of(new Binding("v", promise("n0", "o0", 0)));
    LiteralLoader away =
        _ -> {
          throw new IOException("away");
        };
    assertThatThrownBy(() -> Bindings.resolve(part, sources, away))
        .isInstanceOf(IOException.class)
        .hasMessage("away");
  }

  @Test
  void aliasesAreReplacedByTheirVariables() throws Exception {
    var aliases = Map.of("n0", Map.of("alias", "o0"));
    var data =
        BindingData.newBuilder()
            .setCollection(
                BindingDataCollection.newBuilder()
                    .addBindings(promise("n0", "alias", 1))
                    .addBindings(promise("n0", "[0].alias"))
                    .addBindings(promise("n1", "alias")))
            .build();
    var replaced = new Binding("v", data).withoutAliases(aliases);
    assertThat(replaced.data().getCollection().getBindingsList())
        .containsExactly(promise("n0", "o0", 1), promise("n0", "[0].o0"), promise("n1", "alias"));
  }

  private static Arguments error(BindingData data, String... parts) {
    return Arguments.of(data, parts);
  }

  private static BindingData scalar(Literal literal) {
    return BindingData.newBuilder().setScalar(literal.getScalar()).build();
  }

  private static BindingData promise(String node, String variable, Object... path) {
    var reference =
        OutputReference.newBuilder().setNodeId(node).setVar(variable).addAllAttrPath(path(path));
    return BindingData.newBuilder().setPromise(reference).build();
  }
}
