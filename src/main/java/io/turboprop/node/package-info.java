/**
 * The workers of an execution: an actor for each attempt of a node, and a handler for each kind of
 * node with external effects.
 *
 * <p>Way in: {@link io.turboprop.node.NodeActor}, made for an {@code Assignment}. Way out: reports
 * to the entity; calls to task plugins, the catalog and the blob store. It knows {@code workflow}'s
 * words, {@code plugin}, {@code catalog} and {@code data}; it decides nothing about the workflow
 * and keeps nothing that is not recorded.
 */
@NullMarked
package io.turboprop.node;

import org.jspecify.annotations.NullMarked;
