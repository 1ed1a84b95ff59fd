package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.turboprop.kubernetes.client.ApiResources.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The objects that a namespace gets: the YAML documents of a folder, in the order of the files'
 * names, with variables like {@code {{ namespace }}}, as the cluster resource templates of
 * FlyteAdmin.
 *
 * <p>The files are read once and parsed before variables get their values, so a value can't add
 * fields or objects, whatever it holds. A value that is not in quotes becomes the number or the
 * boolean that it looks like, as in any YAML.
 *
 * @param all in the order in which they are applied
 */
record NamespaceTemplates(List<Template> all) {
  static final NamespaceTemplates NONE = new NamespaceTemplates(List.of());

  private static final Pattern VARIABLE =
      Pattern.compile("\\{\\{[ \\t]*([A-Za-z_][A-Za-z0-9_.-]*)[ \\t]*}}");

  /**
   * A variable while its document is parsed: it stands between two characters that have no meaning
   * in YAML.
   */
  private static final Pattern MARKED = Pattern.compile("\uE000([^\uE001]*)\uE001");

  NamespaceTemplates {
    all = List.copyOf(all);
  }

  /** A template is no object of Kubernetes; the message has its place. */
  static final class BrokenTemplateException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenTemplateException(Path file, int line, String problem) {
      super("%s:%d: %s".formatted(file, line, problem));
    }
  }

  /**
   * One object.
   *
   * @param place file and line, for messages
   * @param variables the names of all variables in it
   */
  record Template(String place, Kind kind, Node root, Set<String> variables) {

    /** The variables that have no value. */
    Set<String> missing(Map<String, String> values) {
      var missing = new TreeSet<>(variables);
      missing.removeAll(values.keySet());
      return missing;
    }

    /** The object, with a value for each variable. */
    JsonObject render(Map<String, String> values) {
      return NamespaceTemplates.render(root, values).getAsJsonObject();
    }
  }

  /** Whether a template creates the namespace itself. */
  boolean makeNamespace() {
    return all.stream().anyMatch(template -> template.kind().equals(new Kind("v1", "Namespace")));
  }

  /**
   * Reads the files {@code *.yaml} and {@code *.yml} of a folder.
   *
   * @throws IOException when a file can't be read
   * @throws BrokenTemplateException when a file is no YAML, or a document is no object
   */
  static NamespaceTemplates read(Path folder) throws IOException, BrokenTemplateException {
    var files = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(folder, "*.{yaml,yml}")) {
      entries.forEach(files::add);
    }
    files.sort(null);
    var templates = new ArrayList<Template>();
    for (var file : files) {
      parse(file, Files.readString(file, StandardCharsets.UTF_8), templates);
    }
    return new NamespaceTemplates(templates);
  }

  private static void parse(Path file, String text, List<Template> templates)
      throws BrokenTemplateException {
    var marked = VARIABLE.matcher(text).replaceAll("\uE000$1\uE001");
    try {
      for (var root : new Yaml(new LoaderOptions()).composeAll(new StringReader(marked))) {
        if (!root.getTag().equals(Tag.NULL)) {
          templates.add(new Parser(file).template(root));
        }
      }
    } catch (MarkedYAMLException e) {
      var mark = e.getProblemMark();
      throw new BrokenTemplateException(
          file, mark == null ? 1 : mark.getLine() + 1, String.valueOf(e.getProblem()));
    } catch (YAMLException e) {
      throw new BrokenTemplateException(file, 1, String.valueOf(e.getMessage()));
    }
  }

  /** Checks the documents of a file, and finds their variables. */
  private record Parser(Path file) {
    Template template(Node root) throws BrokenTemplateException {
      if (!(root instanceof MappingNode object)) {
        throw broken(root, "it is no object of Kubernetes");
      }
      var variables = new TreeSet<String>();
      collect(root, variables);
      var kind = new Kind(text(object, "apiVersion"), text(object, "kind"));
      var metadata = field(object, "metadata");
      if (!(metadata.orElse(object) instanceof MappingNode named) || metadata.isEmpty()) {
        throw broken(root, "it has no metadata");
      }
      requireName(named);
      return new Template(
          "%s:%d".formatted(file.getFileName(), line(root)), kind, root, Set.copyOf(variables));
    }

    private void requireName(MappingNode metadata) throws BrokenTemplateException {
      if (!(field(metadata, "name").orElse(metadata) instanceof ScalarNode)) {
        throw broken(metadata, "it has no metadata.name");
      }
    }

    private String text(MappingNode object, String key) throws BrokenTemplateException {
      if (field(object, key).orElse(object) instanceof ScalarNode scalar
          && !MARKED.matcher(scalar.getValue()).find()) {
        return scalar.getValue();
      }
      throw broken(object, "it has no " + key + ", or one with a variable");
    }

    private static Optional<Node> field(MappingNode object, String key) {
      return object.getValue().stream()
          .filter(
              tuple -> tuple.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key))
          .map(tuple -> tuple.getValueNode())
          .findFirst();
    }

    private void collect(Node node, Set<String> variables) throws BrokenTemplateException {
      switch (node) {
        case MappingNode object -> {
          var keys = new HashSet<String>();
          for (var tuple : object.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
              throw broken(
                  tuple.getKeyNode(),
                  "a key of an object is no text, or it is '{{' without a variable");
            }
            if (!keys.add(key.getValue())) {
              throw broken(key, "the key '" + key.getValue() + "' is there twice");
            }
            collect(key, variables);
            collect(tuple.getValueNode(), variables);
          }
        }
        case SequenceNode list -> {
          for (var element : list.getValue()) {
            collect(element, variables);
          }
        }
        case ScalarNode scalar -> {
          if (scalar.getValue().contains("{{")) {
            throw broken(scalar, "'{{' without a variable");
          }
          var matcher = MARKED.matcher(scalar.getValue());
          while (matcher.find()) {
            variables.add(matcher.group(1));
          }
        }
        default -> throw broken(node, "it is neither object, list nor value");
      }
    }

    private BrokenTemplateException broken(Node node, String problem) {
      return new BrokenTemplateException(file, line(node), problem);
    }

    private static int line(Node node) {
      return node.getStartMark().getLine() + 1;
    }
  }

  private static JsonElement render(Node node, Map<String, String> values) {
    return switch (node) {
      case MappingNode object -> {
        var json = new JsonObject();
        object
            .getValue()
            .forEach(tuple ->
                json.add(
                    filled(((ScalarNode) tuple.getKeyNode()).getValue(), values),
                    render(tuple.getValueNode(), values)));
        yield json;
      }
      case SequenceNode list -> {
        var json = new JsonArray();
        list.getValue().forEach(element -> json.add(render(element, values)));
        yield json;
      }
      case ScalarNode scalar -> scalar(scalar, filled(scalar.getValue(), values));
      default -> throw new IllegalStateException("a template holds " + node);
    };
  }

  private static String filled(String text, Map<String, String> values) {
    return MARKED
        .matcher(text)
        .replaceAll(variable ->
            Matcher.quoteReplacement(values.getOrDefault(variable.group(1), variable.group())));
  }

  private static JsonElement scalar(ScalarNode node, String text) {
    if (!node.isPlain()) {
      return new JsonPrimitive(text);
    }
    var tag = new Resolver().resolve(NodeId.scalar, text, true);
    if (tag.equals(Tag.NULL)) {
      return JsonNull.INSTANCE;
    }
    if (tag.equals(Tag.BOOL)) {
      return new JsonPrimitive(Set.of("true", "yes", "on").contains(text.toLowerCase(Locale.ROOT)));
    }
    return tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)
        ? number(text).<JsonElement>map(JsonPrimitive::new).orElseGet(() -> new JsonPrimitive(text))
        : new JsonPrimitive(text);
  }

  /** A number as YAML writes it; empty for infinity and the like. */
  private static Optional<Number> number(String text) {
    var plain = text.replace("_", "");
    try {
      return Optional.of(Long.decode(plain));
    } catch (NumberFormatException _) {
      try {
        return Optional.of(new BigDecimal(plain));
      } catch (NumberFormatException _) {
        return Optional.empty();
      }
    }
  }
}
