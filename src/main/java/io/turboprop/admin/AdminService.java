package io.turboprop.admin;

import flyteidl.service.AdminServiceGrpc;

/** Which method of {@code flyteidl.service.AdminService} is answered by whom. */
public final class AdminService {
  private AdminService() {}

  /** The table of the service; what is bound to nobody answers {@code UNIMPLEMENTED}. */
  public static RpcTable table(ExecutionRpcs executions) {
    return bindExecutions(new RpcTable(AdminServiceGrpc.getServiceDescriptor()), executions);
  }

  private static RpcTable bindExecutions(RpcTable table, ExecutionRpcs executions) {
    return table
        .on(AdminServiceGrpc.getGetExecutionMethod(), executions::getExecution)
        .on(AdminServiceGrpc.getCreateExecutionMethod(), executions::createExecution)
        .on(AdminServiceGrpc.getRelaunchExecutionMethod(), executions::relaunchExecution)
        .on(AdminServiceGrpc.getRecoverExecutionMethod(), executions::recoverExecution)
        .on(AdminServiceGrpc.getUpdateExecutionMethod(), executions::updateExecution)
        .on(AdminServiceGrpc.getGetExecutionDataMethod(), executions::getExecutionData)
        .on(AdminServiceGrpc.getListExecutionsMethod(), executions::listExecutions)
        .on(AdminServiceGrpc.getTerminateExecutionMethod(), executions::terminateExecution)
        .on(AdminServiceGrpc.getGetNodeExecutionMethod(), executions::getNodeExecution)
        .on(AdminServiceGrpc.getGetDynamicNodeWorkflowMethod(), executions::getDynamicNodeWorkflow)
        .on(AdminServiceGrpc.getListNodeExecutionsMethod(), executions::listNodeExecutions)
        .on(AdminServiceGrpc.getListNodeExecutionsForTaskMethod(), executions::listNodeExecutionsForTask)
        .on(AdminServiceGrpc.getGetNodeExecutionDataMethod(), executions::getNodeExecutionData)
        .on(AdminServiceGrpc.getGetTaskExecutionMethod(), executions::getTaskExecution)
        .on(AdminServiceGrpc.getListTaskExecutionsMethod(), executions::listTaskExecutions)
        .on(AdminServiceGrpc.getGetTaskExecutionDataMethod(), executions::getTaskExecutionData)
        .on(AdminServiceGrpc.getGetExecutionMetricsMethod(), executions::getExecutionMetrics)
        .on(AdminServiceGrpc.getCreateWorkflowEventMethod(), executions::createWorkflowEvent)
        .on(AdminServiceGrpc.getCreateNodeEventMethod(), executions::createNodeEvent)
        .on(AdminServiceGrpc.getCreateTaskEventMethod(), executions::createTaskEvent);
  }
}
