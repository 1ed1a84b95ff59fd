package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a task and how far it is; null where there is no such thing, or not yet.
 *
 * @param attempt from 0
 * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
 * @param details a serialized {@code flyteidl.event.TaskExecutionEvent}: the latest that was told
 * @param reasons another one, with every reason that was given while it ran
 * @param elements how many an array has; null for a task
 */
public record TaskExecutionRow(
    long execution,
    String nodeId,
    int attempt,
    EntityId task,
    int phase,
    int phaseVersion,
    Timestamps moments,
    ByteString details,
    ByteString reasons,
    @Nullable ExecutionError error,
    @Nullable Integer elements) {}
