package io.turboprop.node;

import io.turboprop.workflow.plan.TaskOverrides;

/** Makes the catalog view of an attempt. */
public interface TaskCaches {
  TaskCache of(TaskAttempt task, TaskOverrides overrides);
}
