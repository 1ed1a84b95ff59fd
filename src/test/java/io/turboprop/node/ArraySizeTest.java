package io.turboprop.node;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.offloaded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Literals.Literal;
import io.turboprop.data.BindingException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArraySizeTest {
  private static final Literal TWO = list(integer(1), integer(2));
  private static final Literal THREE = list(integer(1), integer(2), integer(3));

  @Test
  void anArrayHasAsManyElementsAsItsLists() throws IOException {
    assertThat(size(Map.of("x", TWO, "y", TWO))).isEqualTo(new ArraySize.Known(2));
  }

  @Test
  void anEmptyListIsNoError() throws IOException {
    assertThat(size(Map.of("x", list()))).isEqualTo(new ArraySize.Known(0));
  }

  @Test
  void anInputThatIsNotAListIsGivenWholeToEveryElement() throws IOException {
    assertThat(size(Map.of("x", THREE, "y", integer(7)))).isEqualTo(new ArraySize.Known(3));
  }

  @Test
  void listsThatAreBoundDoNotCount() throws IOException {
    assertThat(size(Map.of("x", THREE, "y", TWO), "y")).isEqualTo(new ArraySize.Known(3));
  }

  @Test
  void withNothingToSplitThereIsOneElement() throws IOException {
    assertThat(size(Map.of("x", TWO), "x")).isEqualTo(new ArraySize.Known(1));
    assertThat(size(Map.of())).isEqualTo(new ArraySize.Known(1));
  }

  @Test
  void withoutAnyListThereIsNoSize() throws IOException {
    assertThat(size(Map.of("x", integer(1))))
        .isEqualTo(
            new ArraySize.Refused(
                ExecutionError.user("InvalidArrayLength", "no input array provided")));
  }

  @Test
  void listsOfDifferentLengthsAreRefused() throws IOException {
    var error = error(size(Map.of("x", TWO, "y", THREE)));
    assertThat(error.code()).isEqualTo("InvalidArrayLength");
    assertThat(error.kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(error.message()).contains("2", "3");
  }

  @Test
  void anInputWithoutValueIsRefused() throws IOException {
    var error = error(size(Map.of("x", TWO, "y", Literal.getDefaultInstance())));
    assertThat(error.code()).isEqualTo("IDLNotFoundErr");
    assertThat(error.kind()).isEqualTo(ExecutionError.Kind.USER);
  }

  @Test
  void anOffloadedListCountsAsIfItWereThere() throws IOException {
    assertThat(size(Map.of("x", offloaded("/o")), _ -> THREE)).isEqualTo(new ArraySize.Known(3));
  }

  @Test
  void anOffloadedListThatCanNeverBeReadIsAFaultOfThePlatform() throws IOException {
    LiteralLoader gone =
        _ -> {
          throw new BindingException("gone");
        };
    var error = error(size(Map.of("x", offloaded("/o")), gone));
    assertThat(error.code()).isEqualTo("RuntimeExecutionError");
    assertThat(error.kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
  }

  @Test
  void anOffloadedListThatCanNotBeReadNowIsReadAgain() {
    LiteralLoader away =
        _ -> {
          throw new IOException("away");
        };
    assertThatThrownBy(() -> size(Map.of("x", offloaded("/o")), away))
        .isInstanceOf(IOException.class);
  }

  private static ExecutionError error(ArraySize size) {
    assertThat(size).isInstanceOf(ArraySize.Refused.class);
    return ((ArraySize.Refused) size).error();
  }

  private static ArraySize size(Map<String, Literal> inputs, String... bound) throws IOException {
    return size(
        inputs,
        reference -> {
          throw new IOException("nothing is offloaded to " + reference);
        },
        bound);
  }

  private static ArraySize size(Map<String, Literal> inputs, LiteralLoader loader, String... bound)
      throws IOException {
    return ArraySize.of(
        TestingArrays.array(Encoding.ARRAY_NODE, bound), Literals.of(inputs), loader);
  }
}
