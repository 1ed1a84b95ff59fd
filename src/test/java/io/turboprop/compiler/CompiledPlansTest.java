package io.turboprop.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CompiledPlansTest {
  private final List<String> read = new ArrayList<>();
  private final CompiledPlans plans = new CompiledPlans(this::read, 1);

  private Optional<ByteString> read(String digest) {
    read.add(digest);
    return digest.equals("unknown")
        ? Optional.empty()
        : Optional.of(closure(digest).toByteString());
  }

  private static CompiledWorkflowClosure closure(String name) {
    var closure = CompiledWorkflowClosure.newBuilder();
    closure.getPrimaryBuilder().getTemplateBuilder().getIdBuilder().setName(name);
    closure
        .getPrimaryBuilder()
        .getTemplateBuilder()
        .getMetadataDefaultsBuilder()
        .setInterruptible(true);
    return closure.build();
  }

  /** Or each of its nodes would have it made again. */
  @Test
  void aPlanThatIsInUseStaysHoweverManyOthersThereAre() {
    var inUse = plans.get("in use").plan();
    for (var i = 0; i < 1_000; i++) {
      assertThat(plans.get("other " + i).interruptible()).isTrue();
    }
    assertThat(plans.get("in use").plan()).isSameAs(inUse);
    assertThat(read).filteredOn("in use"::equals).hasSize(1);
  }

  @Test
  void theClosureIsReadWhenItIsAskedFor() {
    assertThat(plans.closure("a")).isEqualTo(closure("a"));
  }

  @Test
  void aPlanThatWasNeverStoredIsNamed() {
    assertThatThrownBy(() -> plans.get("unknown")).hasMessageContaining("unknown");
  }
}
