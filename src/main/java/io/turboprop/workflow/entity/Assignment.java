package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.InputSources.GraphFailure;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.Progress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * All that a worker is given for one attempt of one node.
 *
 * @param uniqueNodeId the lineage-qualified id that clients and names of resources use (engine
 *     §7.6)
 * @param work what is to be done
 * @param element which element of an array it is; empty when it is none
 * @param graphFailure for a failure node, why its graph has failed
 * @param finished the graph inside the node, when it has ended and is to be seen to
 * @param sources the outputs of the nodes that the bindings refer to, by node id
 * @param progress what was last recorded for this attempt
 * @param attemptsMax how many attempts a user's error may cost
 */
public record Assignment(
    AcceptedExecution execution,
    Plan plan,
    NodePath path,
    String uniqueNodeId,
    PlanNode node,
    Work.NodeWork work,
    Optional<Element> element,
    Optional<GraphFailure> graphFailure,
    Optional<GraphState> finished,
    Map<String, Values> sources,
    Progress progress,
    boolean interruptible,
    int attemptsMax,
    Instant queuedAt) {}
