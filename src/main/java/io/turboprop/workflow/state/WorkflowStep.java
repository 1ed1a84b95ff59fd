package io.turboprop.workflow.state;

import java.util.List;

/**
 * The events that one write stores in the journal, in order: those of all commands that the write
 * serves. Never empty.
 */
public record WorkflowStep(List<WorkflowEvent> events) {}
