package io.turboprop.node;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.offloaded;
import static io.turboprop.data.TestingLiterals.text;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Literals.Literal;
import io.turboprop.data.DataReference;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Values;
import io.turboprop.node.NodeInputsReader.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class ElementInputsTest {
  private static final Literal NUMBERS = list(integer(10), integer(20), integer(30));

  private final MemoryDataStore store = new MemoryDataStore();
  private final List<Runnable> blocked = new ArrayList<>();
  private final Executor blocking =
      call -> {
        blocked.add(call);
        call.run();
      };
  private final ElementInputs inputs = new ElementInputs(store, blocking);

  @Test
  void anElementGetsItsItemOfEachListAndOtherInputsWhole() {
    var all = Literals.of(Map.of("x", NUMBERS, "y", text("all"), "z", NUMBERS));
    assertThat(read(1, new Values.Inline(all), "z"))
        .isEqualTo(
            new Result.Inputs(
                Literals.of(Map.of("x", integer(20), "y", text("all"), "z", NUMBERS))));
    assertThat(blocked).isEmpty();
  }

  @Test
  void anElementBeyondTheEndOfAListCanNotRun() {
    assertThat(read(3, new Values.Inline(Literals.of(Map.of("x", NUMBERS)))))
        .isEqualTo(new Result.Impossible("the input 'x' has no element 3"));
  }

  @Test
  void largeInputsAreReadOnceForAllElements() throws IOException {
    var place = new DataReference("mem://turboprop/inputs.pb");
    store.write(place, Literals.of(Map.of("x", NUMBERS)).bytes());
    for (int index = 0; index < 3; index++) {
      assertThat(read(index, new Values.Stored(place)))
          .isEqualTo(
              new Result.Inputs(
                  Literals.of(Map.of("x", NUMBERS.getCollection().getLiterals(index)))));
    }
    assertThat(blocked).hasSize(1);
  }

  @Test
  void inputsThatAreRememberedAreNotRead() {
    var place = new DataReference("mem://turboprop/unwritten.pb");
    inputs.remember(place, Literals.of(Map.of("x", NUMBERS)));
    assertThat(read(0, new Values.Stored(place)))
        .isEqualTo(new Result.Inputs(Literals.of(Map.of("x", integer(10)))));
    assertThat(blocked).isEmpty();
  }

  @Test
  void anOffloadedListIsLoadedAndAnOffloadedValueIsPassedOn() throws IOException {
    store.write(new DataReference("mem://turboprop/list.pb"), NUMBERS.toByteString());
    store.write(new DataReference("mem://turboprop/text.pb"), text("long").toByteString());
    var all =
        Literals.of(
            Map.of(
                "x", offloaded("mem://turboprop/list.pb"),
                "y", offloaded("mem://turboprop/text.pb")));
    for (int index = 0; index < 3; index++) {
      assertThat(read(index, new Values.Inline(all)))
          .isEqualTo(
              new Result.Inputs(
                  Literals.of(
                      Map.of(
                          "x", NUMBERS.getCollection().getLiterals(index),
                          "y", offloaded("mem://turboprop/text.pb")))));
    }
    assertThat(blocked).hasSize(1);
  }

  private Result read(int index, Values values, String... bound) {
    return inputs.read(TestingArrays.element(index, values, bound)).toCompletableFuture().join();
  }
}
