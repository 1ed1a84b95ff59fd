package io.turboprop.data;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.offloaded;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Tasks.RuntimeMetadata;
import flyteidl.core.Tasks.RuntimeMetadata.RuntimeType;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteralOffloadingTest {
  private static final LiteralOffloading ENABLED =
      new LiteralOffloading(
          true, 10 << 20, 100 << 20, 1 << 20, LiteralOffloading.DEFAULT.minimumVersions());
  private static final LiteralOffloading DISABLED =
      new LiteralOffloading(
          false, 10 << 20, 100 << 20, 1 << 20, LiteralOffloading.DEFAULT.minimumVersions());

  @ParameterizedTest
  @CsvSource({
    "FLYTE_SDK, 1.13.14, true",
    "FLYTE_SDK, v1.16.0b3, true",
    "FLYTE_SDK, 1.13.9, false",
    "FLYTE_SDK, 2.0, false",
    "FLYTE_SDK, '', false",
    "OTHER, 9.9.9, false"
  })
  void onlyNewerKitsReadAndWriteOffloadedLiterals(
      RuntimeType type, String version, boolean supported) {
    var runtime = RuntimeMetadata.newBuilder().setType(type).setVersion(version).build();
    var inputs = Literals.of(Map.of("x", offloaded("/x")));
    assertThat(DISABLED.refusal(runtime, inputs).map(ExecutionError::code))
        .isEqualTo(Optional.of("LiteralOffloadingDisabled").filter(_ -> !supported));
    assertThat(ENABLED.refusal(runtime, inputs).map(ExecutionError::code))
        .isEqualTo(Optional.of("LiteralOffloadingNotSupported").filter(_ -> !supported));
    assertThat(ENABLED.refusal(runtime, Literals.of(Map.of("x", integer(1))))).isEmpty();
    assertThat(DISABLED.environment(runtime)).isEmpty();
    assertThat(ENABLED.environment(runtime))
        .isEqualTo(
            supported ? Map.of("_F_L_MIN_SIZE_MB", "10", "_F_L_MAX_SIZE_MB", "100") : Map.of());
  }
}
