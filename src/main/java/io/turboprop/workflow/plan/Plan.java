package io.turboprop.workflow.plan;

import io.turboprop.data.EntityId;

/**
 * A compiled workflow: immutable, and shared by all its executions in a JVM.
 *
 * @param digest SHA-256 in hex of the compiled closure; equal closures have equal digests
 * @param workflow the identifier of the workflow
 * @param root the graph that an execution runs
 */
public record Plan(String digest, EntityId workflow, Graph root) {}
