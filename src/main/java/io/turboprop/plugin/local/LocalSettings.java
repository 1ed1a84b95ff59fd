package io.turboprop.plugin.local;

import com.typesafe.config.Config;
import io.turboprop.setting.BackOff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The settings of the section {@code turboprop.plugins.local}; the section in {@code
 * reference.conf} explains each key.
 *
 * @param python a virtual environment, its {@code bin} folder, an interpreter, or a name on PATH
 * @param images other environments, by the image that a task asks for
 * @param slots how many tasks run at the same time, at least 1
 * @param user the user that runs the tasks: a name, {@code auto}, or empty for the engine's own
 *     user
 * @param secrets the values of the secrets by the name of their variable, {@code _FSEC_…}
 * @param consoleUrl without a slash at its end; empty for the engine's own console
 */
record LocalSettings(
    String python,
    Map<String, String> images,
    List<String> pythonPath,
    int slots,
    Duration abortGrace,
    long logSizeBytesMax,
    Code code,
    Duration workKept,
    String user,
    Map<String, String> environment,
    List<String> environmentFrom,
    Map<String, String> secrets,
    String consoleUrl,
    Warm warm) {

  /**
   * The settings of warm workers, which start Python tasks fast.
   *
   * @param preload modules that a worker imports besides flytekit
   * @param restarts the pauses after deaths of a worker
   */
  record Warm(
      boolean enabled,
      boolean atBoot,
      List<String> preload,
      Duration startWithin,
      BackOff restarts) {

    /** The same settings with further modules that a worker imports. */
    Warm withModules(List<String> modules) {
      var all = Stream.concat(preload.stream(), modules.stream()).distinct().toList();
      return new Warm(enabled, atBoot, all, startWithin, restarts);
    }
  }

  /**
   * The settings of registered code.
   *
   * @param kept how long unused unpacked code is kept
   * @param limits the limits of an archive
   */
  record Code(Duration kept, Unpacking.Limits limits) {}

  static LocalSettings from(Config config) {
    return new LocalSettings(
        config.getString("python-environment"),
        strings(config, "images"),
        config.getStringList("python-path"),
        config.getInt("slots") > 0 ? config.getInt("slots") : defaultSlots(),
        config.getDuration("abort-grace"),
        config.getBytes("log-size-max"),
        new Code(
            config.getDuration("code-kept"),
            new Unpacking.Limits(
                config.getBytes("code-size-max"), config.getInt("code-entries-max"))),
        config.getDuration("work-kept"),
        config.getString("user"),
        strings(config, "environment"),
        config.getStringList("environment-from"),
        strings(config, "secrets"),
        config.getString("console-url"),
        new Warm(
            config.getBoolean("warm-workers"),
            config.getBoolean("warm-at-boot"),
            config.getStringList("preload"),
            config.getDuration("worker-start-within"),
            new BackOff(
                config.getDuration("worker-restart-after"),
                config.getDuration("worker-restart-after-max"))));
  }

  /** At least two, so that a waiting task does not stop all others. */
  private static int defaultSlots() {
    return Math.max(2, Runtime.getRuntime().availableProcessors());
  }

  /** Reads an object of strings; its keys may hold dots. */
  private static Map<String, String> strings(Config config, String key) {
    var strings = new LinkedHashMap<String, String>();
    config.getObject(key).unwrapped().forEach((name, value) -> strings.put(name, value.toString()));
    return Map.copyOf(strings);
  }
}
