package io.turboprop.admin.definitions;

import java.time.Month;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cron schedule of five fields, in the dialect of robfig/cron's standard parser, which Flyte
 * uses: {@code *}, {@code ?}, lists, ranges, steps, names of months and weekdays, an optional
 * {@code TZ=} or {@code CRON_TZ=} in front; weekdays are 0 to 6. Where both the day of the month
 * and the weekday are restricted, a day may match either. No known library supports all of these.
 *
 * <p>Each field is a set of bits: bit n stands for the value n.
 */
record CronExpression(long minutes, long hours, Days days, long months, Days weekdays) {
  private static final Pattern ZONE =
      Pattern.compile("(?:CRON_)?TZ=(\\S+)\\s+(.*)", Pattern.DOTALL);
  private static final Pattern PART =
      Pattern.compile("(?<first>[*?]|\\w+)(?:-(?<last>\\w+))?(?:/(?<step>\\d{1,9}))?");
  private static final String LOCAL = "Local";

  /**
   * Days of the month, or weekdays.
   *
   * @param all whether the field is a star, so that it restricts nothing
   */
  record Days(long bits, boolean all) {}

  private enum Field {
    MINUTE("minute", 0, 59, ""),
    HOUR("hour", 0, 23, ""),
    DAY("day of the month", 1, 31, ""),
    MONTH("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    WEEKDAY("day of the week", 0, 6, "sun mon tue wed thu fri sat");

    private final String text;
    private final int min;
    private final int max;
    private final String names;

    Field(String text, int min, int max, String names) {
      this.text = text;
      this.min = min;
      this.max = max;
      this.names = names;
    }

    Days parse(String list) {
      long bits = 0;
      var all = false;
      for (var part : list.split(",", -1)) {
        var matcher = PART.matcher(part);
        if (!matcher.matches()) {
          throw refused(part);
        }
        var first = matcher.group("first");
        var last = matcher.group("last");
        var step = matcher.group("step");
        var star = first.equals("*") || first.equals("?");
        if (star && last != null) {
          throw refused(part);
        }
        all |= star && (step == null || Integer.parseInt(step) == 1);
        bits |= bits(part, star, first, last, step == null ? 1 : Integer.parseInt(step));
      }
      return new Days(bits, all);
    }

    private long bits(String part, boolean star, String first, @Nullable String last, int step) {
      var from = star ? min : value(first);
      var openEnded = star || (last == null && part.contains("/"));
      var to = openEnded ? max : last == null ? from : value(last);
      if (from > to || step == 0) {
        throw refused(part);
      }
      long bits = 0;
      for (var value = from; value <= to; value += step) {
        bits |= 1L << value;
      }
      return bits;
    }

    private int value(String value) {
      var named = List.of(names.split(" ", -1)).indexOf(value.toLowerCase(Locale.ROOT));
      if (named >= 0) {
        return named + min;
      }
      try {
        var number = Integer.parseInt(value);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException _) {
        // Neither a name nor a number: refused below, as a number out of range is.
      }
      throw refused(value);
    }

    private IllegalArgumentException refused(String part) {
      return new IllegalArgumentException(
          "[%s] is no %s; values are %d to %d, ranges ascend, steps are positive"
              .formatted(part, text, min, max));
    }
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException naming the field, or the time zone, that is wrong
   */
  static CronExpression parse(String text) {
    var zoned = ZONE.matcher(text.strip());
    if (zoned.matches()) {
      checkZone(zoned.group(1));
    }
    var fields = (zoned.matches() ? zoned.group(2) : text).strip().split("\\s+", -1);
    if (fields.length != Field.values().length) {
      throw new IllegalArgumentException(
          "it has %d fields; a cron schedule has five: minute, hour, day of the month, month, day of the week"
              .formatted(fields.length));
    }
    return new CronExpression(
        Field.MINUTE.parse(fields[0]).bits(),
        Field.HOUR.parse(fields[1]).bits(),
        Field.DAY.parse(fields[2]),
        Field.MONTH.parse(fields[3]).bits(),
        Field.WEEKDAY.parse(fields[4]));
  }

  private static void checkZone(String zone) {
    if (!zone.equals(LOCAL) && !ZoneId.getAvailableZoneIds().contains(zone)) {
      throw new IllegalArgumentException(
          "[%s] is no time zone; they are named as Europe/Berlin".formatted(zone));
    }
  }

  /** Whether any date matches; the 30th of February does not. */
  boolean comes() {
    if (!days.all() && !weekdays.all()) {
      return true;
    }
    for (var month : Month.values()) {
      var daysOfMonth = (1L << (month.maxLength() + 1)) - 1;
      if ((months & 1L << month.getValue()) != 0 && (days.bits() & daysOfMonth) != 0) {
        return true;
      }
    }
    return false;
  }
}
