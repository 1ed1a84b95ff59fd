package io.turboprop.node;

import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.entity.Assignment;

/** Refuses every dynamic graph. */
record NoGraphs() implements DynamicPlans {

  @Override
  public Expansion expand(Assignment assignment, TaskTemplate task, DataReference specification) {
    return new Expansion.Refused(ExecutionError.user("NoGraphs", specification.uri()));
  }

  @Override
  public long specBytesMax() {
    return 0;
  }
}
