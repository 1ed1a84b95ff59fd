package io.turboprop.admin.executions;

import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.Event.NodeExecutionEventRequest;
import flyteidl.admin.Event.NodeExecutionEventResponse;
import flyteidl.admin.Event.TaskExecutionEventRequest;
import flyteidl.admin.Event.TaskExecutionEventResponse;
import flyteidl.admin.Event.WorkflowExecutionEventRequest;
import flyteidl.admin.Event.WorkflowExecutionEventResponse;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionList;
import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.DynamicNodeWorkflowResponse;
import flyteidl.admin.NodeExecutionOuterClass.GetDynamicNodeWorkflowRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionForTaskListRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataResponse;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionList;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataResponse;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionList;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import io.turboprop.admin.transport.AdminException;

/**
 * The half of AdminService that is about executions: one method per RPC, named as the RPC.
 *
 * <p>Each blocks (it is called on a virtual thread), returns the answer, or refuses with {@link
 * AdminException}. Once an execution is committed its creation must not fail: clients repeat every
 * failed call.
 */
public interface ExecutionRpcs {

  Execution getExecution(WorkflowExecutionGetRequest request);

  ExecutionCreateResponse createExecution(ExecutionCreateRequest request);

  ExecutionCreateResponse relaunchExecution(ExecutionRelaunchRequest request);

  ExecutionCreateResponse recoverExecution(ExecutionRecoverRequest request);

  ExecutionUpdateResponse updateExecution(ExecutionUpdateRequest request);

  WorkflowExecutionGetDataResponse getExecutionData(WorkflowExecutionGetDataRequest request);

  ExecutionList listExecutions(ResourceListRequest request);

  ExecutionTerminateResponse terminateExecution(ExecutionTerminateRequest request);

  NodeExecution getNodeExecution(NodeExecutionGetRequest request);

  DynamicNodeWorkflowResponse getDynamicNodeWorkflow(GetDynamicNodeWorkflowRequest request);

  NodeExecutionList listNodeExecutions(NodeExecutionListRequest request);

  NodeExecutionList listNodeExecutionsForTask(NodeExecutionForTaskListRequest request);

  NodeExecutionGetDataResponse getNodeExecutionData(NodeExecutionGetDataRequest request);

  TaskExecution getTaskExecution(TaskExecutionGetRequest request);

  TaskExecutionList listTaskExecutions(TaskExecutionListRequest request);

  TaskExecutionGetDataResponse getTaskExecutionData(TaskExecutionGetDataRequest request);

  WorkflowExecutionGetMetricsResponse getExecutionMetrics(
      WorkflowExecutionGetMetricsRequest request);

  WorkflowExecutionEventResponse createWorkflowEvent(WorkflowExecutionEventRequest request);

  NodeExecutionEventResponse createNodeEvent(NodeExecutionEventRequest request);

  TaskExecutionEventResponse createTaskEvent(TaskExecutionEventRequest request);
}
