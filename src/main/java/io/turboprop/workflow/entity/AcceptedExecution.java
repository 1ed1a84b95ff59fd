package io.turboprop.workflow.entity;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Instant;
import java.util.List;

/**
 * An accepted execution: immutable, and stored before the client gets its response.
 *
 * @param number the key of its row; orders executions by acceptance
 * @param spec a serialized {@code flyteidl.admin.ExecutionSpec} with all options resolved (labels,
 *     annotations, environment, raw output prefix, security context, …); opaque here
 * @param publishedThrough the journal's sequence number up to which the read tables are complete
 * @param dynamicPlans the digests of the plans that its dynamic nodes have made so far
 */
public record AcceptedExecution(
    ExecutionId id,
    long number,
    String planDigest,
    Values inputs,
    ExecutionSettings settings,
    ByteString spec,
    Instant acceptedAt,
    long publishedThrough,
    List<String> dynamicPlans) {}
