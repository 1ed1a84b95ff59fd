package io.turboprop.admin;

import flyteidl.service.AdminServiceGrpc;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.definitions.MatchableAttributes;
import io.turboprop.admin.definitions.NamedEntities;
import io.turboprop.admin.definitions.Projects;
import io.turboprop.admin.definitions.Versions;
import io.turboprop.admin.executions.ExecutionRpcs;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.data.EntityId.Kind;

/** Which method of {@code flyteidl.service.AdminService} is answered by whom. */
public final class AdminService {
  private AdminService() {}

  /** The table of the service; what is bound to nobody answers {@code UNIMPLEMENTED}. */
  public static RpcTable table(Definitions definitions, ExecutionRpcs executions) {
    var table = new RpcTable(AdminServiceGrpc.getServiceDescriptor());
    bindVersions(table, definitions);
    bindNames(table, definitions.names());
    bindProjects(table, definitions.projects());
    bindAttributes(table, definitions.attributes());
    bindExecutions(table, executions);
    return table;
  }

  private static void bindVersions(RpcTable table, Definitions definitions) {
    var tasks = definitions.tasks();
    var workflows = definitions.workflows();
    var launchPlans = definitions.launchPlans();
    table
        .on(AdminServiceGrpc.getCreateTaskMethod(), tasks::createTask)
        .on(AdminServiceGrpc.getGetTaskMethod(), tasks::getTask)
        .on(AdminServiceGrpc.getListTasksMethod(), tasks::listTasks)
        .on(AdminServiceGrpc.getCreateWorkflowMethod(), workflows::createWorkflow)
        .on(AdminServiceGrpc.getGetWorkflowMethod(), workflows::getWorkflow)
        .on(AdminServiceGrpc.getListWorkflowsMethod(), workflows::listWorkflows)
        .on(AdminServiceGrpc.getCreateLaunchPlanMethod(), launchPlans::createLaunchPlan)
        .on(AdminServiceGrpc.getGetLaunchPlanMethod(), launchPlans::getLaunchPlan)
        .on(AdminServiceGrpc.getGetActiveLaunchPlanMethod(), launchPlans::getActiveLaunchPlan)
        .on(AdminServiceGrpc.getListActiveLaunchPlansMethod(), launchPlans::listActiveLaunchPlans)
        .on(AdminServiceGrpc.getListLaunchPlansMethod(), launchPlans::listLaunchPlans)
        .on(AdminServiceGrpc.getUpdateLaunchPlanMethod(), launchPlans::updateLaunchPlan)
        .on(AdminServiceGrpc.getGetVersionMethod(), Versions::getVersion);
  }

  private static void bindNames(RpcTable table, NamedEntities names) {
    table
        .on(AdminServiceGrpc.getListTaskIdsMethod(), request -> names.listIds(Kind.TASK, request))
        .on(
            AdminServiceGrpc.getListWorkflowIdsMethod(),
            request -> names.listIds(Kind.WORKFLOW, request))
        .on(
            AdminServiceGrpc.getListLaunchPlanIdsMethod(),
            request -> names.listIds(Kind.LAUNCH_PLAN, request))
        .on(AdminServiceGrpc.getListNamedEntitiesMethod(), names::listNamedEntities)
        .on(AdminServiceGrpc.getGetNamedEntityMethod(), names::getNamedEntity)
        .on(AdminServiceGrpc.getUpdateNamedEntityMethod(), names::updateNamedEntity)
        .on(AdminServiceGrpc.getGetDescriptionEntityMethod(), names::getDescriptionEntity)
        .on(AdminServiceGrpc.getListDescriptionEntitiesMethod(), names::listDescriptionEntities);
  }

  private static void bindProjects(RpcTable table, Projects projects) {
    table
        .on(AdminServiceGrpc.getRegisterProjectMethod(), projects::registerProject)
        .on(AdminServiceGrpc.getUpdateProjectMethod(), projects::updateProject)
        .on(AdminServiceGrpc.getGetProjectMethod(), projects::getProject)
        .on(AdminServiceGrpc.getListProjectsMethod(), projects::listProjects)
        .on(AdminServiceGrpc.getGetDomainsMethod(), projects::getDomains);
  }

  private static void bindAttributes(RpcTable table, MatchableAttributes attributes) {
    table
        .on(AdminServiceGrpc.getUpdateProjectDomainAttributesMethod(), attributes::updateDomain)
        .on(AdminServiceGrpc.getGetProjectDomainAttributesMethod(), attributes::getDomain)
        .on(AdminServiceGrpc.getDeleteProjectDomainAttributesMethod(), attributes::deleteDomain)
        .on(AdminServiceGrpc.getUpdateProjectAttributesMethod(), attributes::updateProject)
        .on(AdminServiceGrpc.getGetProjectAttributesMethod(), attributes::getProject)
        .on(AdminServiceGrpc.getDeleteProjectAttributesMethod(), attributes::deleteProject)
        .on(AdminServiceGrpc.getUpdateWorkflowAttributesMethod(), attributes::updateWorkflow)
        .on(AdminServiceGrpc.getGetWorkflowAttributesMethod(), attributes::getWorkflow)
        .on(AdminServiceGrpc.getDeleteWorkflowAttributesMethod(), attributes::deleteWorkflow)
        .on(AdminServiceGrpc.getListMatchableAttributesMethod(), attributes::list);
  }

  private static void bindExecutions(RpcTable table, ExecutionRpcs executions) {
    table
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
        .on(
            AdminServiceGrpc.getListNodeExecutionsForTaskMethod(),
            executions::listNodeExecutionsForTask)
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
