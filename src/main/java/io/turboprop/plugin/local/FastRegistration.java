package io.turboprop.plugin.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command that brings its own code: {@code pyflyte-fast-execute --additional-distribution URI
 * --dest-dir DIR -- COMMAND…}. It is taken apart here: that saves an interpreter which would only
 * unpack, and start another one.
 *
 * @param archive where the code is; empty when the command brings none
 * @param destination the folder for it as the command says, mostly {@code .}
 * @param command what is to be run then
 */
record FastRegistration(String archive, String destination, List<String> command) {
  private static final String HERE = ".";

  /** Reads a command line; empty when it is an ordinary command. */
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
   * The folder for the code, relative to where the command starts. A folder outside the attempt's
   * own (registered code often says {@code /root}, which is a folder of an image) becomes {@code
   * .}: taken literally, the code would land in the home of whoever runs the engine.
   */
  String destinationWithin(WorkDirectory directory) {
    var path = destination.startsWith("~") ? Path.of("/") : Path.of(destination);
    var resolved = directory.current().resolve(path).normalize();
    return !destination.isEmpty() && resolved.startsWith(directory.root()) ? destination : HERE;
  }

  /** The command, told where its code came from, so that a dynamic task's children get it too. */
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
