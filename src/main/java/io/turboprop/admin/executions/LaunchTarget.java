package io.turboprop.admin.executions;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.core.Interface.ParameterMap;
import io.turboprop.data.EntityId;

/**
 * What an execution launches.
 *
 * @param launched the launch plan, or the task of a single-task execution
 * @param expectedInputs what the launch plan leaves open
 * @param planDigest of the workflow's compiled closure
 */
record LaunchTarget(
    EntityId launched,
    EntityId workflow,
    LaunchPlanSpec spec,
    ParameterMap expectedInputs,
    String planDigest) {}
