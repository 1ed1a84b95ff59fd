package io.turboprop.plugin.container;

import io.turboprop.plugin.TaskContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The environment variables by which Flyte tells a task about itself and its secrets. */
public final class FlyteVariables {
  /** The variable by which flytekit learns the prefix of the variables of secrets. */
  public static final String SECRETS_PREFIX_NAME = "FLYTE_SECRETS_ENV_PREFIX";

  public static final String SECRETS_PREFIX = "_FSEC_";

  private FlyteVariables() {}

  /**
   * The variables of an attempt, in Flyte's order.
   *
   * @param consoleUrl the address of a console, without a slash at its end; empty when there is
   *     none
   */
  public static Map<String, String> of(TaskContext task, String consoleUrl) {
    var variables = new LinkedHashMap<String, String>();
    var execution = task.execution();
    variables.put(
        "FLYTE_INTERNAL_EXECUTION_WORKFLOW",
        execution.project() + ":" + execution.domain() + ":" + task.workflow().getName());
    variables.put("FLYTE_INTERNAL_EXECUTION_ID", execution.name());
    variables.put("FLYTE_INTERNAL_EXECUTION_PROJECT", execution.project());
    variables.put("FLYTE_INTERNAL_EXECUTION_DOMAIN", execution.domain());
    variables.put("FLYTE_ATTEMPT_NUMBER", Integer.toString(task.attempt()));
    if (task.template().containsConfig("link_type") && !consoleUrl.isEmpty()) {
      variables.put("FLYTE_EXECUTION_URL", executionUrl(task, consoleUrl));
    }
    var id = task.template().getId();
    variables.put("FLYTE_INTERNAL_TASK_PROJECT", id.getProject());
    variables.put("FLYTE_INTERNAL_TASK_DOMAIN", id.getDomain());
    variables.put("FLYTE_INTERNAL_TASK_NAME", id.getName());
    variables.put("FLYTE_INTERNAL_TASK_VERSION", id.getVersion());
    return variables;
  }

  private static String executionUrl(TaskContext task, String consoleUrl) {
    var execution = task.execution();
    return "%s/projects/%s/domains/%s/executions/%s/nodeId/%s/nodes"
        .formatted(
            consoleUrl, execution.project(), execution.domain(), execution.name(), task.nodeId());
  }

  /** The variable of a secret: {@code _FSEC_GROUP_KEY}; empty parts are left out. */
  public static String secret(String... parts) {
    return Arrays.stream(parts)
        .filter(part -> !part.isEmpty())
        .map(part -> part.toUpperCase(Locale.ROOT))
        .collect(Collectors.joining("_", SECRETS_PREFIX, ""));
  }
}
