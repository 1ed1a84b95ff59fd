package io.turboprop.plugin.local;

import flyteidl.core.Tasks.DataLoadingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folders that a raw container sees. The container names folders of its image ({@code
 * /var/inputs}); a local process has them in its work directory instead, and its command line is
 * changed accordingly.
 */
record RawFolders(DataLoadingConfig config, WorkDirectory directory) {
  private static final String DEFAULT_INPUTS = "/var/flyte/inputs";
  private static final String DEFAULT_OUTPUTS = "/var/flyte/outputs";

  void create() throws IOException {
    Files.createDirectories(directory.inputs());
    Files.createDirectories(directory.outputs());
  }

  /** Replaces the named folders by the real ones, wherever a whole path names them. */
  List<String> replaceIn(List<String> arguments) {
    return arguments.stream()
        .map(text -> replace(text, config.getInputPath(), DEFAULT_INPUTS, directory.inputs()))
        .map(text -> replace(text, config.getOutputPath(), DEFAULT_OUTPUTS, directory.outputs()))
        .toList();
  }

  private static String replace(String text, String configured, String otherwise, Path real) {
    var named = configured.isEmpty() ? otherwise : configured.replaceFirst("(?<=.)/+$", "");
    // Neither /data/var/inputs nor /var/inputs2 is /var/inputs.
    var pattern = Pattern.compile("(?<![\\w./-])" + Pattern.quote(named) + "(?![\\w-]|\\.\\w)");
    return pattern.matcher(text).replaceAll(Matcher.quoteReplacement(real.toString()));
  }
}
