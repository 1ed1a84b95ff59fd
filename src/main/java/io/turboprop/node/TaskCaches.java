package io.turboprop.node;

import io.turboprop.workflow.plan.TaskOverrides;

/** Makes the catalog's view for one attempt. */
public interface TaskCaches {
  TaskCache of(TaskAttempt task, TaskOverrides overrides);
}
