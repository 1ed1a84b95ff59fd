package io.turboprop.workflow;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import java.time.Instant;
import java.util.Map;

/**
 * All that a worker is given for one attempt of one node.
 *
 * @param uniqueNodeId the lineage-qualified id that clients and names of resources use (engine
 *     §7.6)
 * @param work what is to be done
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
    Map<String, Values> sources,
    Progress progress,
    boolean interruptible,
    int attemptsMax,
    Instant queuedAt) {}
