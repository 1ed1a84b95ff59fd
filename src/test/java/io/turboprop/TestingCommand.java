package io.turboprop;

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
public record TestingCommand(List<String> words, Map<String, String> environment) {
  /**
   * What the program has said.
   *
   * @param code 0 for success
   */
  public record Result(int code, String output, String errors) {}

  public static TestingCommand of(String... words) {
    return new TestingCommand(List.of(words), Map.of());
  }

  /** Where the PATH has the program; empty if it is not installed. */
  public static Optional<Path> find(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public TestingCommand with(String variable, String value) {
    var all = new HashMap<>(environment);
    all.put(variable, value);
    return new TestingCommand(words, Map.copyOf(all));
  }

  /** Runs it; returns when it has ended. */
  public Result run() throws IOException, InterruptedException {
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
  public String succeed() throws IOException, InterruptedException {
    var result = run();
    assertThat(result.code()).as("%s: %s%s", words, result.output(), result.errors()).isZero();
    return result.output();
  }
}
