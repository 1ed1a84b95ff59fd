package io.turboprop.admin.definitions;

import flyteidl.service.AdminServiceGrpc;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.AttributeTables;
import io.turboprop.store.Database;
import io.turboprop.store.DescriptionTables;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.NamedEntityTables;
import io.turboprop.store.ProjectTables;
import io.turboprop.store.TaskTables;
import io.turboprop.store.WorkflowTables;

/** The part of AdminService for projects, tasks, workflows, launch plans and attributes. */
public record Definitions(
    Projects projects,
    TaskDefinitions tasks,
    WorkflowDefinitions workflows,
    LaunchPlanDefinitions launchPlans,
    NamedEntities names,
    MatchableAttributes attributes,
    Lists lists) {

  /**
   * Builds this part over the tables, and creates the configured projects that are missing.
   *
   * @param maxParallelism the engine's default for executions
   */
  public static Definitions over(Database database, AdminSettings settings, int maxParallelism) {
    var taskTables = new TaskTables(database);
    var workflowTables = new WorkflowTables(database);
    var launchPlanTables = new LaunchPlanTables(database);
    var lists = new Lists(settings.limits().listBytes());
    var projects = new Projects(new ProjectTables(database), settings.domains(), lists);
    projects.seed(settings.projects());
    var registration = new Registration(projects, settings.registration());
    var attributes =
        new MatchableAttributes(new AttributeTables(database), projects, maxParallelism);
    return new Definitions(
        projects,
        new TaskDefinitions(taskTables, registration, attributes, lists),
        new WorkflowDefinitions(workflowTables, taskTables, launchPlanTables, registration, lists),
        new LaunchPlanDefinitions(launchPlanTables, workflowTables, registration, lists),
        new NamedEntities(new NamedEntityTables(database), new DescriptionTables(database), lists),
        attributes,
        lists);
  }

  /** Binds the methods that are about definitions. */
  public void bindTo(RpcTable table) {
    bindVersions(table);
    bindNames(table);
    bindProjects(table);
    bindAttributes(table);
  }

  private void bindVersions(RpcTable table) {
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

  private void bindNames(RpcTable table) {
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

  private void bindProjects(RpcTable table) {
    table
        .on(AdminServiceGrpc.getRegisterProjectMethod(), projects::registerProject)
        .on(AdminServiceGrpc.getUpdateProjectMethod(), projects::updateProject)
        .on(AdminServiceGrpc.getGetProjectMethod(), projects::getProject)
        .on(AdminServiceGrpc.getListProjectsMethod(), projects::listProjects)
        .on(AdminServiceGrpc.getGetDomainsMethod(), projects::getDomains);
  }

  private void bindAttributes(RpcTable table) {
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
}
