package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FastRegistrationTest {
  private static final WorkDirectory DIRECTORY =
      new WorkDirectory(Path.of("/work/abc"), Path.of("/logs/abc"));

  @Test
  void theCommandInsideIsToldWhereItsCodeCameFrom() throws Exception {
    var registration = registration("--additional-distribution", "/x.tar.gz", "--dest-dir", ".");

    assertThat(registration.commandWithOrigin("."))
        .containsExactly(
            "pyflyte-execute",
            "--inputs",
            "i",
            "--dynamic-addl-distro",
            "/x.tar.gz",
            "--dynamic-dest-dir",
            ".",
            "--resolver",
            "r",
            "--",
            "vars",
            "");
  }

  @Test
  void anOrdinaryCommandIsNone() throws Exception {
    assertThat(FastRegistration.of(List.of("pyflyte-execute", "--resolver", "r"))).isEmpty();
  }

  @Test
  void withoutACommandInsideTheTaskIsWrong() {
    assertThatThrownBy(
            () -> FastRegistration.of(List.of("pyflyte-fast-execute", "--dest-dir", ".")))
        .isInstanceOf(TaskSpecificationException.class);
  }

  @ParameterizedTest
  @CsvSource({
    ".,.",
    "src,src",
    "/root,.",
    "/tmp,.",
    "../..,.",
    "~,.",
    "~/x,.",
    "/work/abc/cwd/x,/work/abc/cwd/x"
  })
  void codeStaysWithinTheAttempt(String said, String used) throws Exception {
    assertThat(registration("--dest-dir", said).destinationWithin(DIRECTORY)).isEqualTo(used);
  }

  private static FastRegistration registration(String... options) throws Exception {
    var command = new ArrayList<>(List.of("/venv/bin/pyflyte-fast-execute"));
    command.addAll(List.of(options));
    command.addAll(
        List.of("--", "pyflyte-execute", "--inputs", "i", "--resolver", "r", "--", "vars", ""));
    return FastRegistration.of(command).orElseThrow();
  }
}
