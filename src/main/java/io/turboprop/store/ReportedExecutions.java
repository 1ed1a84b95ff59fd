package io.turboprop.store;

/** The executions whose events are sent to a FlyteAdmin. */
public enum ReportedExecutions {
  /** No execution: there is no FlyteAdmin. */
  NONE("false"),
  /** Those that have come as FlyteWorkflow resources. */
  RESOURCES(
      "exists (select from flyte_workflow_resource as resource"
          + " where resource.execution_number = execution.number)"),
  /** Every execution, however it was accepted. */
  ALL("true");

  private final String condition;

  ReportedExecutions(String condition) {
    this.condition = condition;
  }

  /** The condition in SQL, about the table {@code execution}. */
  String condition() {
    return condition;
  }
}
