package io.turboprop.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The names that settings may have: those of the shipped defaults. A section that is empty in the
 * defaults holds names that the user chooses, as of images or secrets.
 */
final class SettingNames {
  private static final String ROOT = "turboprop";
  private static final int MISSPELT_LETTERS_MAX = 2;

  /** System properties of the launcher, and those read before settings are; see {@link Logging}. */
  private static final Set<String> OF_THE_PROCESS =
      Set.of(
          "turboprop.terminal.stdout",
          "turboprop.terminal.stderr",
          "turboprop.terminal.rows",
          "turboprop.log.level",
          "turboprop.log.others",
          "turboprop.log.format");

  private final Map<String, ConfigValue> known = new TreeMap<>();

  private SettingNames(ConfigObject defaults) {
    collect(ROOT, defaults);
  }

  /** The names in the default settings on the class path. */
  static SettingNames ofDefaults() {
    // The library would merge system properties into the defaults, misspelt ones too.
    var defaults =
        ConfigFactory.defaultReferenceUnresolved()
            .resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    return new SettingNames(defaults.getObject(ROOT));
  }

  private void collect(String path, ConfigObject section) {
    section.forEach((key, value) -> {
      known.put(path + "." + key, value);
      if (value instanceof ConfigObject inner) {
        collect(path + "." + key, inner);
      }
    });
  }

  /**
   * Checks all names below {@code turboprop}, and root names that look like a misspelt {@code
   * turboprop}. All other names belong to libraries.
   *
   * @throws ConfigException with the origin of an unknown name, and the known name most like it
   */
  void check(Config settings) {
    settings.root().forEach(SettingNames::checkRoot);
    if (settings.root().get(ROOT) instanceof ConfigObject ours) {
      check(ROOT, ours);
    }
  }

  private static void checkRoot(String name, ConfigValue value) {
    if (!name.equals(ROOT) && distance(name, ROOT) <= MISSPELT_LETTERS_MAX) {
      throw new ConfigException.Generic(
          "%s: there are no settings of '%s'; is '%s' meant?"
              .formatted(value.origin().description(), name, ROOT));
    }
  }

  private void check(String path, ConfigObject section) {
    section.forEach((key, value) -> check(path + "." + key, value));
  }

  private void check(String path, ConfigValue value) {
    if (value instanceof ConfigObject section && !isOfTheUsersOwn(path)) {
      check(path, section);
    } else if (!known.containsKey(path) && !OF_THE_PROCESS.contains(path)) {
      throw new ConfigException.Generic(
          "%s: there is no setting '%s'; is '%s' meant? conf/reference.conf has them all"
              .formatted(value.origin().description(), path, nearest(path)));
    }
  }

  private boolean isOfTheUsersOwn(String path) {
    return known.get(path) instanceof ConfigObject section && section.isEmpty();
  }

  private String nearest(String path) {
    return Stream.concat(known.keySet().stream(), OF_THE_PROCESS.stream())
        .min(Comparator.comparingInt(name -> distance(name, path)))
        .orElse(ROOT);
  }

  /** The edit distance of two names: letters inserted, deleted or replaced. */
  private static int distance(String one, String other) {
    var above = new int[other.length() + 1];
    for (var j = 0; j <= other.length(); j++) {
      above[j] = j;
    }
    for (var i = 1; i <= one.length(); i++) {
      var row = new int[other.length() + 1];
      row[0] = i;
      for (var j = 1; j <= other.length(); j++) {
        var replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[other.length()];
  }
}
