package io.turboprop.compiler;

/**
 * The reason why a task, a workflow or an execution's inputs were refused; {@link #text} is Flyte's
 * name.
 *
 * <p>Codes of Flyte that this compiler never reports are left out: {@code MismatchingInterfaces}
 * and {@code InconsistentTypes}, which Flyte does not use either, {@code InvalidLiteralType} (a
 * value without a type has {@code InvalidValue}), and {@code NoEntryNodeFound} and {@code
 * WorkflowBuildError}, which Flyte reports when it makes the Kubernetes resource.
 */
public enum ErrorCode {
  AMBIGUOUS_BINDING_UNION_VALUE("AmbiguousBindingUnionValue"),
  BRANCH_NODE_HAS_NO_CONDITION("BranchNodeHasNoCondition"),
  BRANCH_NODE_HAS_NO_DEFAULT("BranchNodeHasNoDefault"),
  BRANCH_NODE_ID_NOT_FOUND("BranchNodeIdNotFound"),
  CYCLE_DETECTED("CycleDetected"),
  DUPLICATE_ALIAS("DuplicateAlias"),
  DUPLICATE_ID("DuplicateId"),
  FIELD_NOT_FOUND("FieldNotFound"),
  ILLEGAL_ENUM_VALUE("IllegalEnumValue"),
  INCOMPATIBLE_BINDING_UNION_VALUE("IncompatibleBindingUnionValue"),
  INVALID_VALUE("InvalidValue"),
  MISMATCHING_BINDINGS("MismatchingBindings"),
  MISMATCHING_TYPES("MismatchingTypes"),
  NODE_REFERENCE_NOT_FOUND("NodeReferenceNotFound"),
  NO_CONDITION_FOUND("NoConditionFound"),
  NO_NODES_FOUND("NoNodesFound"),
  PARAMETER_BOUND_MORE_THAN_ONCE("ParameterBoundMoreThanOnce"),
  PARAMETER_NOT_BOUND("ParameterNotBound"),
  SYNTAX_ERROR("SyntaxError"),
  TASK_REFERENCE_NOT_FOUND("TaskReferenceNotFound"),
  UNREACHABLE_NODES("UnreachableNodes"),
  UNRECOGNIZED_VALUE("UnrecognizedValue"),
  VALUE_COLLISION("ValueCollision"),
  VALUE_REQUIRED("ValueRequired"),
  VARIABLE_NAME_NOT_FOUND("VariableNameNotFound"),
  WORKFLOW_REFERENCE_NOT_FOUND("WorkflowReferenceNotFound");

  private final String text;

  ErrorCode(String text) {
    this.text = text;
  }

  /** The code as Flyte writes it, for example {@code MismatchingTypes}. */
  public String text() {
    return text;
  }
}
