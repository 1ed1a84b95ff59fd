package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.task;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Types.LiteralType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClosureDigestTest {

  @Test
  void theOrderOfMapEntriesDoesNotMatter() {
    var forward = new LinkedHashMap<String, LiteralType>();
    IntStream.range(0, 100).forEach(i -> forward.put("input" + i, INTEGER));
    var backward = new LinkedHashMap<String, LiteralType>();
    forward.sequencedKeySet().reversed().forEach(name -> backward.put(name, INTEGER));

    assertThat(ClosureDigest.of(closure(forward)))
        .isEqualTo(ClosureDigest.of(closure(backward)))
        .matches("[0-9a-f]{64}");
  }

  @Test
  void anyDifferenceMatters() {
    assertThat(ClosureDigest.of(closure(Map.of("a", INTEGER))))
        .isNotEqualTo(ClosureDigest.of(closure(Map.of("b", INTEGER))))
        .isNotEqualTo(ClosureDigest.of(closure(Collections.emptyMap())));
  }

  private static CompiledWorkflowClosure closure(Map<String, LiteralType> inputs) {
    return CompiledWorkflowClosure.newBuilder().addTasks(task("a", inputs, Map.of())).build();
  }
}
