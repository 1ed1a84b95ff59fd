package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command that names its own code archive: {@code pyflyte-fast-execute --additional-distribution
 * URI --dest-dir DIR -- COMMAND…}. The engine unpacks the archive itself. This saves a Python
 * interpreter that would only unpack and start another interpreter.
 *
 * @param archive the location of the code; empty when the command names none
 * @param destination the folder for the code as the command says, mostly {@code .}
 * @param command the command to run afterwards
 */
record FastRegistration(String archive, String destination, List<String> command) {
  private static final String HERE = ".";

  /** Parses a command line; empty when it is an ordinary command. */
  static Optional<FastRegistration> of(List<String> arguments) throws TaskSpecificationException {
    if (!String.valueOf(Path.of(arguments.getFirst()).getFileName())
        .equals("pyflyte-fast-execute")) {
      return Optional.empty();
    }
    var separator = arguments.indexOf("--");
    if (separator < 0 || separator == arguments.size() - 1) {
      throw TaskSpecificationException.badSpecification(
          "pyflyte-fast-execute is given no command to execute");
    }
    var options = arguments.subList(1, separator);
    return Optional.of(
        new FastRegistration(
            option(options, "--additional-distribution", ""),
            option(options, "--dest-dir", HERE),
            arguments.subList(separator + 1, arguments.size())));
  }

  private static String option(List<String> options, String name, String otherwise) {
    var at = options.indexOf(name);
    return at >= 0 && at + 1 < options.size() ? options.get(at + 1) : otherwise;
  }

  /**
   * The folder for the code, relative to the command's working directory. A folder outside the
   * attempt's own (registered code often says {@code /root}, which is a folder of an image) becomes
   * {@code .}: taken literally, the code would be unpacked into the home folder of the engine's
   * user.
   */
  String destinationWithin(WorkDirectory directory) {
    var path = destination.startsWith("~") ? Path.of("/") : Path.of(destination);
    var resolved = directory.current().resolve(path).normalize();
    return !destination.isEmpty() && resolved.startsWith(directory.root()) ? destination : HERE;
  }

  /**
   * The command with arguments that name the code archive, so that a dynamic task's children use
   * the same code.
   */
  List<String> commandWithOrigin(String destination) {
    var resolver = command.indexOf("--resolver");
    if (archive.isEmpty() || resolver < 0) {
      return command;
    }
    var told = new ArrayList<>(command);
    told.addAll(
        resolver, List.of("--dynamic-addl-distro", archive, "--dynamic-dest-dir", destination));
    return told;
  }
}
