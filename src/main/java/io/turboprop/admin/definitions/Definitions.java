package io.turboprop.admin.definitions;

import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.store.AttributeTables;
import io.turboprop.store.Database;
import io.turboprop.store.DescriptionTables;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.NamedEntityTables;
import io.turboprop.store.ProjectTables;
import io.turboprop.store.TaskTables;
import io.turboprop.store.WorkflowTables;

/** The half of AdminService that is about what is registered. */
public record Definitions(
    Projects projects,
    TaskDefinitions tasks,
    WorkflowDefinitions workflows,
    LaunchPlanDefinitions launchPlans,
    NamedEntities names,
    MatchableAttributes attributes,
    Lists lists) {

  /**
   * Builds it over the tables, and creates the configured projects that are missing.
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
    return new Definitions(
        projects,
        new TaskDefinitions(taskTables, registration, lists),
        new WorkflowDefinitions(workflowTables, taskTables, launchPlanTables, registration, lists),
        new LaunchPlanDefinitions(launchPlanTables, workflowTables, registration, lists),
        new NamedEntities(new NamedEntityTables(database), new DescriptionTables(database), lists),
        new MatchableAttributes(new AttributeTables(database), projects, maxParallelism),
        lists);
  }
}
