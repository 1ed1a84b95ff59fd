package io.turboprop.setting;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;

/**
 * A section of the configuration whose values are checked when they are read. A value out of its
 * bounds raises a {@link ConfigException.BadValue} with the full name of the setting and the file
 * or property that set it.
 *
 * @param path the path of the section, such as {@code turboprop.node}
 */
public record Section(Config config, String path) {

  /**
   * The section {@code turboprop.<name>}.
   *
   * @param turboprop the section around it
   */
  public static Section of(Config turboprop, String name) {
    return new Section(turboprop.getConfig(name), "turboprop." + name);
  }

  /** A section of this section. */
  public Section section(String name) {
    return new Section(config.getConfig(name), path + "." + name);
  }

  /** A whole number. */
  public int number(String key, int least) {
    var value = config.getInt(key);
    check(key, value >= least, "%d is less than %d".formatted(value, least));
    return value;
  }

  /** The pauses after failures. */
  public BackOff backOff(String min, String max) {
    return new BackOff(pause(min), pauseFrom(min, max));
  }

  /** A number of any kind. */
  public double fraction(String key, double least, double most) {
    var value = config.getDouble(key);
    check(
        key,
        value >= least && value <= most,
        "%s is not in %s to %s".formatted(value, least, most));
    return value;
  }

  /** A size in bytes, at most 2 GiB. */
  public int bytes(String key) {
    return bytes(key, 0);
  }

  /** A size in bytes with a lower bound. */
  public int bytes(String key, int least) {
    var value = config.getBytes(key);
    check(
        key,
        value >= least && value <= Integer.MAX_VALUE,
        "%d bytes are not in %d to %d".formatted(value, least, Integer.MAX_VALUE));
    return value.intValue();
  }

  /** A duration that may be zero. */
  public Duration time(String key) {
    var value = config.getDuration(key);
    check(key, !value.isNegative(), "it is negative");
    return value;
  }

  /** A duration longer than zero. */
  public Duration pause(String key) {
    var value = config.getDuration(key);
    check(key, value.isPositive(), "it is not longer than zero");
    return value;
  }

  /** A duration not shorter than another setting of this section. */
  public Duration pauseFrom(String shorterKey, String key) {
    var value = pause(key);
    check(
        key,
        value.compareTo(config.getDuration(shorterKey)) >= 0,
        "it is shorter than %s.%s".formatted(path, shorterKey));
    return value;
  }

  /** One of the constants of a type, written in lower case with hyphens. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    var text = config.getString(key);
    var names = new ArrayList<String>();
    for (var constant : type.getEnumConstants()) {
      var name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw refusal(key, "'%s' is not one of %s".formatted(text, String.join(", ", names)));
  }

  private void check(String key, boolean isRight, String otherwise) {
    if (!isRight) {
      throw refusal(key, otherwise);
    }
  }

  /** The exception that says what is wrong with a setting, and where it was set. */
  public ConfigException.BadValue refusal(String key, String reason) {
    return new ConfigException.BadValue(config.getValue(key).origin(), path + "." + key, reason);
  }
}
