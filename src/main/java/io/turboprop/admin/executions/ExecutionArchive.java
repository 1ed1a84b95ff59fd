package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateResponse;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ExecutionRequestTables;
import java.time.Clock;

/** Archives executions and restores them; clients can't change anything else about an execution. */
final class ExecutionArchive {
  private final ExecutionReads executions;
  private final ExecutionRequestTables requests;
  private final Clock clock;

  ExecutionArchive(ExecutionReads executions, ExecutionRequestTables requests, Clock clock) {
    this.executions = executions;
    this.requests = requests;
    this.clock = clock;
  }

  public ExecutionUpdateResponse updateExecution(ExecutionUpdateRequest request) {
    var number = executions.find(request.getId()).accepted().number();
    var archived =
        switch (request.getState()) {
          case EXECUTION_ACTIVE -> false;
          case EXECUTION_ARCHIVED -> true;
          case UNRECOGNIZED -> throw AdminException.invalidArgument("invalid value for state");
        };
    requests.archive(number, archived, "", clock.instant());
    return ExecutionUpdateResponse.getDefaultInstance();
  }
}
