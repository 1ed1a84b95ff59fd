package io.turboprop.node;

import io.turboprop.workflow.plan.TaskOverrides;

/** Makes the cache of an attempt. */
public interface AttemptCaches {
  AttemptCache of(TaskAttempt task, TaskOverrides overrides);
}
