package io.turboprop.plugin.echo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.plugin.local.TestingTask;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EchoPluginTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Literal SEVEN =
      Literal.newBuilder()
          .setScalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(7)))
          .build();

  @TempDir Path folder;

  @Test
  void theInputBecomesTheOutput() {
    var transition = (Succeeded) handle(NOW, template(1, 1, Map.of()), ByteString.EMPTY);
    assertThat(transition.outputs())
        .isEqualTo(new Outputs.Inline(Literals.of(Map.of("out0", SEVEN))));
  }

  @Test
  void nothingBecomesNothing() {
    var transition = (Succeeded) handle(NOW, template(0, 0, Map.of()), ByteString.EMPTY);
    assertThat(transition.outputs()).isEqualTo(new Outputs.Inline(Literals.EMPTY));
  }

  @Test
  void inputsWithoutAnOutputBecomeNothing() {
    var transition = (Succeeded) handle(NOW, template(2, 0, Map.of()), ByteString.EMPTY);
    assertThat(transition.outputs()).isEqualTo(new Outputs.Inline(Literals.EMPTY));
  }

  @Test
  void otherInterfacesAreRefusedForGood() {
    for (var template : new TaskTemplate[] {template(2, 2, Map.of()), template(0, 1, Map.of())}) {
      var transition = (Failed) handle(NOW, template, ByteString.EMPTY);
      assertThat(transition.error().kind()).isEqualTo(ExecutionError.Kind.USER);
      assertThat(transition.recoverable()).isFalse();
    }
  }

  @Test
  void aPauseEndsAtItsRecordedTime() {
    var template = template(1, 1, Map.of("sleep", text("1s")));
    var first = (Running) handle(NOW, template, ByteString.EMPTY);
    assertThat(first.lookAgain()).isEqualTo(new LookAgain.After(Duration.ofSeconds(1)));
    var later = (Running) handle(NOW.plusMillis(400), template, first.state());
    assertThat(later.lookAgain()).isEqualTo(new LookAgain.After(Duration.ofMillis(600)));
    assertThat(later.state()).isEqualTo(first.state());
    assertThat(handle(NOW.plusSeconds(1), template, first.state())).isInstanceOf(Succeeded.class);
  }

  @Test
  void duringALongPauseTheExecutionMayLeaveMemory() {
    var template = template(1, 1, Map.of("sleep", text("1h")));
    var transition = (Running) handle(NOW, template, ByteString.EMPTY);
    assertThat(transition.lookAgain()).isEqualTo(new LookAgain.At(NOW.plus(Duration.ofHours(1))));
  }

  @Test
  void aFailureIsMadeAsItIsOrdered() {
    var order =
        Struct.newBuilder()
            .putFields("code", text("Broken"))
            .putFields("kind", text("system"))
            .putFields("recoverable", Value.newBuilder().setBoolValue(false).build());
    var fail = Value.newBuilder().setStructValue(order).build();
    var transition = (Failed) handle(NOW, template(1, 1, Map.of("fail", fail)), ByteString.EMPTY);
    assertThat(transition.error()).isEqualTo(ExecutionError.system("Broken", "as asked"));
    assertThat(transition.recoverable()).isFalse();
  }

  @Test
  void onlyTheFirstAttemptsFail() {
    var order =
        Struct.newBuilder()
            .putFields("attempts", Value.newBuilder().setNumberValue(2).build())
            .build();
    var custom =
        Struct.newBuilder()
            .putFields("fail", Value.newBuilder().setStructValue(order).build())
            .build();
    var fails = EchoParameters.of(custom, Duration.ZERO);
    assertThat(fails.failure(1)).contains(ExecutionError.user("Error", "as asked"));
    assertThat(fails.failure(2)).isEmpty();
  }

  @Test
  void anOrderThatCanNotBeUnderstoodIsRefused() {
    var transition =
        (Failed) handle(NOW, template(1, 1, Map.of("sleep", text("a while"))), ByteString.EMPTY);
    assertThat(transition.error().message()).contains("custom.sleep", "'a while'");
    assertThat(transition.recoverable()).isFalse();
  }

  private TaskTransition handle(Instant now, TaskTemplate template, ByteString state) {
    var plugin = new EchoPlugin(Duration.ZERO, Clock.fixed(now, ZoneOffset.UTC));
    var task = new TestingTask(folder, "a-n0-0", template, Literals.of(Map.of("in0", SEVEN)));
    return plugin.handle(task, state).toCompletableFuture().join();
  }

  private static TaskTemplate template(int inputs, int outputs, Map<String, Value> custom) {
    return TaskTemplate.newBuilder()
        .setType("echo")
        .setCustom(Struct.newBuilder().putAllFields(custom))
        .setInterface(
            TypedInterface.newBuilder()
                .setInputs(variables("in", inputs))
                .setOutputs(variables("out", outputs)))
        .build();
  }

  private static VariableMap variables(String prefix, int count) {
    var variables = VariableMap.newBuilder();
    for (int i = 0; i < count; i++) {
      variables.putVariables(prefix + i, Variable.getDefaultInstance());
    }
    return variables.build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
