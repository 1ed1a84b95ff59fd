package io.turboprop;

import java.io.File;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Other JVMs, like this one: the same Java and the same classes. */
public final class TestingJvm {
  private TestingJvm() {}

  /**
   * The command line of a JVM; further arguments may be added.
   *
   * @param main the class to run
   * @param flags of the JVM
   */
  public static List<String> command(String main, String... flags) {
    return command(Optional.empty(), main, flags);
  }

  /**
   * The command line of a JVM with another class path.
   *
   * @param classPath empty for our own
   */
  public static List<String> command(Optional<String> classPath, String main, String... flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", classPath.orElseGet(TestingJvm::classPath), main));
    return command;
  }

  /** Our own class path, whoever runs the tests. */
  private static String classPath() {
    if (TestingJvm.class.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(url -> Path.of(URI.create(url.toString())).toString())
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
