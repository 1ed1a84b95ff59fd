package io.turboprop.admin.definitions;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.ScheduleOuterClass.Schedule;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Types.SimpleType;
import io.turboprop.admin.transport.AdminException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules for a launch plan's schedule: every input has a value without a user, the kick-off
 * argument is a datetime, and a cron schedule has future times.
 */
final class ScheduleRules {
  private static final Pattern EVERY = Pattern.compile("@every (\\d+(\\.\\d+)?(h|ms|m|s|us|ns))+");
  private static final Set<String> ALIASES =
      Set.of(
          "yearly",
          "annually",
          "monthly",
          "weekly",
          "daily",
          "midnight",
          "hourly",
          "years",
          "months",
          "weeks",
          "days",
          "hours");

  private ScheduleRules() {}

  /**
   * @param expectedInputs the inputs that are not fixed
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  static void check(LaunchPlanSpec spec, ParameterMap expectedInputs) {
    if (!spec.getEntityMetadata().hasSchedule()) {
      return;
    }
    var schedule = spec.getEntityMetadata().getSchedule();
    if (schedule.getScheduleExpressionCase()
        == Schedule.ScheduleExpressionCase.SCHEDULEEXPRESSION_NOT_SET) {
      return;
    }
    checkInputs(schedule.getKickoffTimeInputArg(), expectedInputs);
    checkExpression(schedule);
  }

  /** The kind of schedule, NONE, CRON or RATE, by which lists are filtered. */
  static String type(LaunchPlanSpec spec) {
    return switch (spec.getEntityMetadata().getSchedule().getScheduleExpressionCase()) {
      case CRON_SCHEDULE, CRON_EXPRESSION -> "CRON";
      case RATE -> "RATE";
      case SCHEDULEEXPRESSION_NOT_SET -> "NONE";
    };
  }

  private static void checkInputs(String kickoff, ParameterMap expectedInputs) {
    expectedInputs
        .getParametersMap()
        .forEach((name, parameter) -> {
          if (parameter.getRequired() && !name.equals(kickoff)) {
            throw AdminException.invalidArgument(
                "cannot schedule: input " + name + " has no default and is not fixed");
          }
        });
    if (!kickoff.isEmpty()) {
      var parameter = expectedInputs.getParametersMap().get(kickoff);
      if (parameter == null || parameter.getVar().getType().getSimple() != SimpleType.DATETIME) {
        throw AdminException.invalidArgument(
            "kickoff_time_input_arg " + kickoff + " is no free input of type datetime");
      }
    }
  }

  private static void checkExpression(Schedule schedule) {
    switch (schedule.getScheduleExpressionCase()) {
      case CRON_SCHEDULE -> checkCron(schedule.getCronSchedule().getSchedule());
      case CRON_EXPRESSION -> checkCron(schedule.getCronExpression());
      case RATE -> {
        if (schedule.getRate().getValue() == 0) {
          throw AdminException.invalidArgument("invalid value for the schedule's rate: 0");
        }
      }
      case SCHEDULEEXPRESSION_NOT_SET -> {}
    }
  }

  private static void checkCron(String text) {
    var alias = text.startsWith("@") ? text.substring(1) : text;
    if (ALIASES.contains(alias) || EVERY.matcher(text).matches()) {
      return;
    }
    try {
      if (!CronExpression.parse(text).comes()) {
        throw new IllegalArgumentException("no month has such a day");
      }
    } catch (IllegalArgumentException malformed) {
      throw AdminException.invalidArgument(
          "invalid cron schedule [%s]: %s".formatted(text, malformed.getMessage()));
    }
  }
}
