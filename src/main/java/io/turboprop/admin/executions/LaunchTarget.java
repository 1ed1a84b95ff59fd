package io.turboprop.admin.executions;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.Interface.ParameterMap;
import io.turboprop.data.EntityId;

/**
 * The target of an execution: a launch plan or a single task, with the workflow that it runs.
 *
 * @param launched the launch plan, or the task of a single-task execution
 * @param expectedInputs the inputs that the launch plan does not fix
 * @param planDigest the digest of the workflow's compiled closure
 */
record LaunchTarget(
    EntityId launched,
    EntityId workflow,
    LaunchPlanSpec spec,
    ParameterMap expectedInputs,
    String planDigest) {}
