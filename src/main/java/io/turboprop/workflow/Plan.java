package io.turboprop.workflow;

import io.turboprop.data.EntityId;
import java.util.Optional;

/**
 * A compiled workflow: immutable, shared by all executions of it in a JVM.
 *
 * @param digest SHA-256 in hex of the compiled closure; equal closures have equal digests
 * @param workflow what was compiled
 * @param root the graph that an execution walks
 * @param failureNode the node run after the graph has failed, outside of it
 */
public record Plan(String digest, EntityId workflow, Graph root, Optional<PlanNode> failureNode) {}
