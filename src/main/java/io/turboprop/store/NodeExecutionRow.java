package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import org.jspecify.annotations.Nullable;

/**
 * A node of an execution and its status; a column is null if it has no value, or none yet.
 *
 * @param nodeId the id as clients see it, qualified by the nodes around it
 * @param parentId the id of the node around it, as clients see it; null in the root graph
 * @param parent whether there are nodes inside of it
 * @param phase a number of {@code flyteidl.core.NodeExecution.Phase}
 * @param attempt the latest, from 0
 */
public record NodeExecutionRow(
    long execution,
    String nodeId,
    NodePath path,
    @Nullable String parentId,
    boolean parent,
    int phase,
    int attempt,
    Timestamps moments,
    @Nullable Values outputs,
    @Nullable ExecutionError error,
    Cache cache,
    @Nullable String deckUri) {}
