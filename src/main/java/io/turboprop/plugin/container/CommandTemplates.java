package io.turboprop.plugin.container;

import io.turboprop.data.DataReference;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Fills in the variables of a command line: {@code {{.input}}}, {@code {{.inputs.x}}} and so on, as
 * FlytePropeller does. Names are not case-sensitive; unknown variables stay unchanged.
 */
public final class CommandTemplates {
  private static final Pattern PLACE =
      variable(
          "(input|outputPrefix|inputPrefix|rawOutputDataPrefix|prevCheckpointPrefix"
              + "|checkpointOutputPrefix|perRetryUniqueKey|taskTemplatePath)");
  private static final Pattern NAMESPACE = variable("namespace");
  private static final Pattern INPUT = variable("inputs\\.([^}\\s]+)");

  /** Stands for "no earlier checkpoint": flytekit's argument of two quote characters. */
  private static final String NO_CHECKPOINT = "\"\"";

  private final TaskContext task;
  private final String namespace;

  /**
   * @param namespace the value of {@code {{.namespace}}}
   */
  public CommandTemplates(TaskContext task, String namespace) {
    this.task = task;
    this.namespace = namespace;
  }

  private static Pattern variable(String name) {
    return Pattern.compile("\\{\\{\\s*[.$]" + name + "\\s*}}", Pattern.CASE_INSENSITIVE);
  }

  /**
   * Renders each argument; the number and order of the arguments stay, and empty arguments stay
   * too. Input values are inserted last, so variables inside them are not replaced.
   *
   * @throws TaskSpecificationException when an input is unknown or has no text form
   */
  public List<String> render(List<String> arguments)
      throws IOException, TaskSpecificationException {
    var rendered = new ArrayList<String>(arguments.size());
    for (var argument : arguments) {
      var withPlaces = replace(argument, PLACE, this::place);
      var withNamespace = replace(withPlaces, NAMESPACE, _ -> namespace);
      rendered.add(replace(withNamespace, INPUT, this::input));
    }
    return rendered;
  }

  private interface Rendering {
    String of(MatchResult match) throws IOException, TaskSpecificationException;
  }

  private static String replace(String text, Pattern pattern, Rendering rendering)
      throws IOException, TaskSpecificationException {
    var matcher = pattern.matcher(text);
    var result = new StringBuilder();
    var end = 0;
    while (matcher.find()) {
      result.append(text, end, matcher.start()).append(rendering.of(matcher.toMatchResult()));
      end = matcher.end();
    }
    return end == 0 ? text : result.append(text, end, text.length()).toString();
  }

  private String place(MatchResult match) throws IOException {
    return switch (match.group(1).toLowerCase(Locale.ROOT)) {
      case "input" -> path(task.inputsFile());
      case "outputprefix" -> path(task.outputPrefix());
      case "inputprefix" -> parent(path(task.inputsFile()));
      case "rawoutputdataprefix" -> path(task.rawOutputPrefix());
      case "prevcheckpointprefix" -> previousCheckpoint();
      case "checkpointoutputprefix" -> path(task.checkpointPrefix());
      case "perretryuniquekey" -> uniqueKey(task.generatedName());
      case "tasktemplatepath" -> path(task.taskTemplateFile());
      default -> throw new IllegalStateException("no such variable: " + match.group());
    };
  }

  private String previousCheckpoint() throws IOException {
    return task.previousCheckpointPrefix().map(CommandTemplates::path).orElse(NO_CHECKPOINT);
  }

  private String input(MatchResult match) throws TaskSpecificationException {
    var name = match.group(1);
    var literal = task.inputs().get(name);
    if (literal.isEmpty()) {
      throw TaskSpecificationException.notBuilt(
          "the command refers to the input '" + name + "', which the task does not have");
    }
    try {
      return LiteralFormatter.of(literal.get());
    } catch (LiteralFormatter.NoTextException e) {
      throw TaskSpecificationException.notBuilt("input '" + name + "': " + e.getMessage());
    }
  }

  /**
   * The form of a reference for tasks: flytekit takes the text after {@code file://} for a path
   * that starts with that scheme, so a local reference is a plain path.
   */
  public static String path(DataReference reference) {
    var uri = reference.uri();
    return uri.startsWith("file://") ? uri.substring("file://".length()) : uri;
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  /** Turns a generated name into an identifier that most languages accept. */
  public static String uniqueKey(String generatedName) {
    return generatedName.replaceFirst("^[^A-Za-z_]+", "a").replaceAll("[^A-Za-z0-9_]+", "_");
  }
}
