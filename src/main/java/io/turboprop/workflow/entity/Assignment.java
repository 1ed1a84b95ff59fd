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
 * The assignment of a worker: the work for one attempt of one node, with all data it needs.
 *
 * @param uniqueNodeId the lineage-qualified id that clients and names of resources use
 * @param work the work to do
 * @param element the array element that the node runs; empty if it runs none
 * @param graphFailure for a failure node, the failure of its graph
 * @param finished the graph inside the node, if it has ended and its outputs have to be handled
 * @param sources the outputs of the nodes that the bindings refer to, by node id
 * @param progress the progress that was last recorded for this attempt
 * @param attemptsMax the retry budget of user errors, as a number of attempts
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
