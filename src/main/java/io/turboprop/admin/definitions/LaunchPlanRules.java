package io.turboprop.admin.definitions;

import flyteidl.admin.Common.Notification;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.LiteralType;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.GivenValue;
import io.turboprop.compiler.LiteralTypes;
import io.turboprop.compiler.TypeCasting;
import java.util.Set;

/** The rules for a launch plan's inputs and settings. */
public final class LaunchPlanRules {
  private static final Set<Phase> TERMINAL =
      Set.of(Phase.SUCCEEDED, Phase.FAILED, Phase.ABORTED, Phase.TIMED_OUT);

  private LaunchPlanRules() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} for the first broken rule
   */
  public static void check(LaunchPlanSpec spec, TypedInterface workflow) {
    KubernetesLabels.check(spec.getLabels());
    spec.getFixedInputs()
        .getLiteralsMap()
        .forEach((name, literal) -> checkFixed(name, literal, workflow));
    spec.getDefaultInputs()
        .getParametersMap()
        .forEach((name, parameter) -> checkDefault(name, parameter, workflow));
    if (spec.getEntityMetadata().hasLaunchConditions()) {
      throw AdminException.invalidArgument("launch_conditions must be empty");
    }
    spec.getEntityMetadata().getNotificationsList().forEach(LaunchPlanRules::checkNotification);
  }

  private static void checkFixed(String name, Literal literal, TypedInterface workflow) {
    if (literal.getValueCase() == Literal.ValueCase.VALUE_NOT_SET) {
      throw AdminException.invalidArgument("missing valid literal in fixed_inputs " + name);
    }
    checkValue("fixed_input", name, literal, variable("fixed_input", name, workflow).getType());
  }

  private static void checkDefault(String name, Parameter parameter, TypedInterface workflow) {
    if (!parameter.getVar().hasType()) {
      throw AdminException.invalidArgument("missing type of default_input " + name);
    }
    var expected = variable("default_input", name, workflow).getType();
    if (!TypeCasting.castable(parameter.getVar().getType(), expected)) {
      throw wrongType(
          "default_input", name, expected, LiteralTypes.describe(parameter.getVar().getType()));
    }
    switch (parameter.getBehaviorCase()) {
      case DEFAULT -> checkValue("default_input", name, parameter.getDefault(), expected);
      case REQUIRED -> {
        if (!parameter.getRequired()) {
          throw noBehavior(name);
        }
      }
      case ARTIFACT_QUERY, ARTIFACT_ID ->
          throw AdminException.invalidArgument(
              "default_input " + name + " refers to an artifact; artifacts are not enabled");
      case BEHAVIOR_NOT_SET -> throw noBehavior(name);
    }
  }

  private static AdminException noBehavior(String name) {
    return AdminException.invalidArgument(
        "default_input " + name + " has neither a default nor required=true");
  }

  private static Variable variable(String what, String name, TypedInterface workflow) {
    var variable = workflow.getInputs().getVariablesMap().get(name);
    if (variable == null) {
      throw AdminException.invalidArgument("unexpected " + what + " " + name);
    }
    return variable;
  }

  private static void checkValue(String what, String name, Literal literal, LiteralType expected) {
    var type = LiteralTypes.infer(literal);
    if (type.isEmpty()) {
      throw AdminException.invalidArgument("the type of " + what + " " + name + " cannot be told");
    }
    if (!TypeCasting.castable(type.get(), expected)) {
      throw wrongType(what, name, expected, GivenValue.describe(type.get(), literal));
    }
  }

  private static AdminException wrongType(
      String what, String name, LiteralType expected, String given) {
    return AdminException.invalidArgument(
        "invalid %s wrong type: %s expects %s, but is given %s"
            .formatted(what, name, LiteralTypes.describe(expected), given));
  }

  public static void checkNotification(Notification notification) {
    var recipients =
        switch (notification.getTypeCase()) {
          case EMAIL -> notification.getEmail().getRecipientsEmailCount();
          case PAGER_DUTY -> notification.getPagerDuty().getRecipientsEmailCount();
          case SLACK -> notification.getSlack().getRecipientsEmailCount();
          case TYPE_NOT_SET -> throw AdminException.missing("notification type");
        };
    if (recipients == 0) {
      throw AdminException.missing("recipients of a notification");
    }
    if (!TERMINAL.containsAll(notification.getPhasesList())) {
      throw AdminException.invalidArgument("invalid value for phase");
    }
  }
}
