package io.turboprop.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A program of the machine, run to its end. */
record Command(List<String> words, Map<String, String> environment) {
  /**
   * What the program has said.
   *
   * @param code 0 for success
   */
  record Result(int code, String output, String errors) {}

  static Command of(String... words) {
    return new Command(List.of(words), Map.of());
  }

  /** Where the PATH has the program; empty if it is not installed. */
  static Optional<Path> find(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Command with(String variable, String value) {
    var all = new HashMap<>(environment);
    all.put(variable, value);
    return new Command(words, Map.copyOf(all));
  }

  /** Runs it; returns when it has ended. */
  Result run() throws IOException, InterruptedException {
    var errors = Files.createTempFile("errors", ".txt");
    try {
      var builder = new ProcessBuilder(words).redirectError(errors.toFile());
      builder.environment().putAll(environment);
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Result(process.waitFor(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  /**
   * Runs it.
   *
   * @return what it has written to standard output
   * @throws AssertionError when it fails
   */
  String succeed() throws IOException, InterruptedException {
    var result = run();
    assertThat(result.code()).as("%s: %s%s", words, result.output(), result.errors()).isZero();
    return result.output();
  }
}
