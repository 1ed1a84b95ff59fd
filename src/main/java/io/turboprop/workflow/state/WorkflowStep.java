package io.turboprop.workflow.state;

import java.util.List;

/**
 * What is written to the journal at once: the events of all commands that one write served, in
 * order. Never empty.
 */
public record WorkflowStep(List<WorkflowEvent> events) {}
