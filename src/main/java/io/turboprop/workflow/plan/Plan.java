package io.turboprop.workflow.plan;

import io.turboprop.data.EntityId;

/**
 * A compiled workflow: immutable, shared by all executions of it in a JVM.
 *
 * @param digest SHA-256 in hex of the compiled closure; equal closures have equal digests
 * @param workflow what was compiled
 * @param root the graph that an execution walks
 */
public record Plan(String digest, EntityId workflow, Graph root) {}
