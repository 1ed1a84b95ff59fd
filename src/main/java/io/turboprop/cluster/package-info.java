/**
 * Spreads executions over the nodes of the cluster, and activates those that should be in memory.
 *
 * <p>Way in: {@link io.turboprop.cluster.ShardedWorkflows}, which other packages use as {@code
 * Workflows}. Way out: messages to entities. The package knows {@code workflow.entity} and Pekko
 * Cluster; it knows no rule, table or client.
 */
@NullMarked
package io.turboprop.cluster;

import org.jspecify.annotations.NullMarked;
