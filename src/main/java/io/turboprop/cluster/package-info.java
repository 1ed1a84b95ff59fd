/**
 * How executions are spread over the nodes of the cluster, and how they are found again.
 *
 * <p>Way in: {@link io.turboprop.cluster.ShardedWorkflows}, which is {@code Workflows} for all
 * others. Way out: messages to entities. It knows {@code workflow} and Pekko Cluster; it knows no
 * rule, no table and no client.
 */
@NullMarked
package io.turboprop.cluster;

import org.jspecify.annotations.NullMarked;
