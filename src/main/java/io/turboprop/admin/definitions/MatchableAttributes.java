package io.turboprop.admin.definitions;

import flyteidl.admin.MatchableResourceOuterClass.ListMatchableAttributesRequest;
import flyteidl.admin.MatchableResourceOuterClass.ListMatchableAttributesResponse;
import flyteidl.admin.MatchableResourceOuterClass.MatchableAttributesConfiguration;
import flyteidl.admin.MatchableResourceOuterClass.MatchableResource;
import flyteidl.admin.MatchableResourceOuterClass.MatchingAttributes;
import flyteidl.admin.MatchableResourceOuterClass.PluginOverride;
import flyteidl.admin.MatchableResourceOuterClass.PluginOverrides;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesDeleteRequest;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesDeleteResponse;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesGetRequest;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesGetResponse;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesUpdateRequest;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesUpdateResponse;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesDeleteRequest;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesDeleteResponse;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesGetRequest;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesGetResponse;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesUpdateRequest;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesUpdateResponse;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesDeleteRequest;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesDeleteResponse;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesGetRequest;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesGetResponse;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesUpdateRequest;
import flyteidl.admin.WorkflowAttributesOuterClass.WorkflowAttributesUpdateResponse;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.AttributeTables;
import io.turboprop.store.AttributeTables.AttributeRow;
import io.turboprop.store.AttributeTables.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The settings for all executions of a project, a project's domain, a workflow or a launch plan. Of
 * the matching settings, the most specific counts, as a whole.
 */
public final class MatchableAttributes {
  private final AttributeTables tables;
  private final Projects projects;
  private final int maxParallelism;

  /**
   * @param maxParallelism the engine's default, which is the answer for a project without a setting
   */
  MatchableAttributes(AttributeTables tables, Projects projects, int maxParallelism) {
    this.tables = tables;
    this.projects = projects;
    this.maxParallelism = maxParallelism;
  }

  /** The effective settings for executions of a launch plan. */
  public Optional<MatchingAttributes> match(MatchableResource type, Target target) {
    return tables.match(type.getNumber(), target).map(MatchableAttributes::message);
  }

  /** The values of a project and its domain for the objects of their namespaces; may be empty. */
  public Map<String, String> clusterResources(String project, String domain) {
    return match(MatchableResource.CLUSTER_RESOURCE, new Target(project, domain, "", ""))
        .map(matched -> matched.getClusterResourceAttributes().getAttributesMap())
        .orElseGet(Map::of);
  }

  public ProjectAttributesUpdateResponse updateProject(ProjectAttributesUpdateRequest request) {
    var attributes = request.getAttributes();
    projects.requireActive(attributes.getProject());
    put(new Target(attributes.getProject(), "", "", ""), attributes.getMatchingAttributes());
    return ProjectAttributesUpdateResponse.getDefaultInstance();
  }

  /** A project's own row only; execution settings also include the engine's defaults. */
  public ProjectAttributesGetResponse getProject(ProjectAttributesGetRequest request) {
    var type = type(request.getResourceType());
    var target = new Target(Identifiers.required(request.getProject(), "project"), "", "", "");
    projects.requireExisting(target.project());
    var row = tables.find(type, target).map(MatchableAttributes::message);
    var found =
        request.getResourceType() == MatchableResource.WORKFLOW_EXECUTION_CONFIG
            ? withDefaults(row.orElseGet(MatchingAttributes::getDefaultInstance))
            : row.orElseThrow(() -> notFound(target));
    var answer = ProjectAttributesGetResponse.newBuilder();
    answer.getAttributesBuilder().setProject(target.project()).setMatchingAttributes(found);
    return answer.build();
  }

  private MatchingAttributes withDefaults(MatchingAttributes found) {
    var answer = found.toBuilder();
    if (found.getWorkflowExecutionConfig().getMaxParallelism() == 0) {
      answer.getWorkflowExecutionConfigBuilder().setMaxParallelism(maxParallelism);
    }
    return answer.build();
  }

  public ProjectAttributesDeleteResponse deleteProject(ProjectAttributesDeleteRequest request) {
    projects.requireExisting(request.getProject());
    tables.delete(type(request.getResourceType()), new Target(request.getProject(), "", "", ""));
    return ProjectAttributesDeleteResponse.getDefaultInstance();
  }

  public ProjectDomainAttributesUpdateResponse updateDomain(
      ProjectDomainAttributesUpdateRequest request) {
    var attributes = request.getAttributes();
    projects.requireActive(attributes.getProject(), attributes.getDomain());
    put(
        new Target(attributes.getProject(), attributes.getDomain(), "", ""),
        attributes.getMatchingAttributes());
    return ProjectDomainAttributesUpdateResponse.getDefaultInstance();
  }

  public ProjectDomainAttributesGetResponse getDomain(ProjectDomainAttributesGetRequest request) {
    var target = domain(request.getProject(), request.getDomain());
    var row = matching(request.getResourceType(), target);
    var answer = ProjectDomainAttributesGetResponse.newBuilder();
    answer
        .getAttributesBuilder()
        .setProject(row.target().project())
        .setDomain(row.target().domain())
        .setMatchingAttributes(message(row));
    return answer.build();
  }

  public ProjectDomainAttributesDeleteResponse deleteDomain(
      ProjectDomainAttributesDeleteRequest request) {
    var target = domain(request.getProject(), request.getDomain());
    tables.delete(type(request.getResourceType()), target);
    return ProjectDomainAttributesDeleteResponse.getDefaultInstance();
  }

  public WorkflowAttributesUpdateResponse updateWorkflow(WorkflowAttributesUpdateRequest request) {
    var attributes = request.getAttributes();
    projects.requireActive(attributes.getProject(), attributes.getDomain());
    put(
        new Target(
            attributes.getProject(),
            attributes.getDomain(),
            Identifiers.required(attributes.getWorkflow(), "name"),
            ""),
        attributes.getMatchingAttributes());
    return WorkflowAttributesUpdateResponse.getDefaultInstance();
  }

  public WorkflowAttributesGetResponse getWorkflow(WorkflowAttributesGetRequest request) {
    var target = workflow(request.getProject(), request.getDomain(), request.getWorkflow());
    var row = matching(request.getResourceType(), target);
    var answer = WorkflowAttributesGetResponse.newBuilder();
    answer
        .getAttributesBuilder()
        .setProject(row.target().project())
        .setDomain(row.target().domain())
        .setWorkflow(row.target().workflow())
        .setMatchingAttributes(message(row));
    return answer.build();
  }

  public WorkflowAttributesDeleteResponse deleteWorkflow(WorkflowAttributesDeleteRequest request) {
    var target = workflow(request.getProject(), request.getDomain(), request.getWorkflow());
    tables.delete(type(request.getResourceType()), target);
    return WorkflowAttributesDeleteResponse.getDefaultInstance();
  }

  public ListMatchableAttributesResponse list(ListMatchableAttributesRequest request) {
    var answer = ListMatchableAttributesResponse.newBuilder();
    for (var row : tables.list(type(request.getResourceType()))) {
      answer.addConfigurations(
          MatchableAttributesConfiguration.newBuilder()
              .setProject(row.target().project())
              .setDomain(row.target().domain())
              .setWorkflow(row.target().workflow())
              .setLaunchPlan(row.target().launchPlan())
              .setAttributes(message(row)));
    }
    return answer.build();
  }

  private void put(Target target, MatchingAttributes attributes) {
    var type = typeOf(attributes);
    TaskResources.check(attributes.getTaskResourceAttributes());
    var stored =
        type == MatchableResource.PLUGIN_OVERRIDE ? merged(target, attributes) : attributes;
    tables.put(type.getNumber(), new AttributeRow(target, stored.toByteString()));
  }

  /** Overrides of plugins are merged per task type. */
  private MatchingAttributes merged(Target target, MatchingAttributes attributes) {
    var overrides = new LinkedHashMap<String, PluginOverride>();
    tables
        .find(MatchableResource.PLUGIN_OVERRIDE_VALUE, target)
        .map(MatchableAttributes::message)
        .ifPresent(before ->
            before
                .getPluginOverrides()
                .getOverridesList()
                .forEach(override -> overrides.put(override.getTaskType(), override)));
    attributes
        .getPluginOverrides()
        .getOverridesList()
        .forEach(override -> overrides.put(override.getTaskType(), override));
    return MatchingAttributes.newBuilder()
        .setPluginOverrides(PluginOverrides.newBuilder().addAllOverrides(overrides.values()))
        .build();
  }

  private static MatchableResource typeOf(MatchingAttributes attributes) {
    return switch (attributes.getTargetCase()) {
      case TASK_RESOURCE_ATTRIBUTES -> MatchableResource.TASK_RESOURCE;
      case CLUSTER_RESOURCE_ATTRIBUTES -> MatchableResource.CLUSTER_RESOURCE;
      case EXECUTION_QUEUE_ATTRIBUTES -> MatchableResource.EXECUTION_QUEUE;
      case EXECUTION_CLUSTER_LABEL -> MatchableResource.EXECUTION_CLUSTER_LABEL;
      case PLUGIN_OVERRIDES -> MatchableResource.PLUGIN_OVERRIDE;
      case WORKFLOW_EXECUTION_CONFIG -> MatchableResource.WORKFLOW_EXECUTION_CONFIG;
      case CLUSTER_ASSIGNMENT -> MatchableResource.CLUSTER_ASSIGNMENT;
      case QUALITY_OF_SERVICE, TARGET_NOT_SET ->
          throw AdminException.invalidArgument("unrecognized matching attributes");
    };
  }

  private AttributeRow matching(MatchableResource resource, Target target) {
    return tables.match(type(resource), target).orElseThrow(() -> notFound(target));
  }

  private Target domain(String project, String domain) {
    projects.requireExisting(project);
    return new Target(project, Identifiers.required(domain, "domain"), "", "");
  }

  private Target workflow(String project, String domain, String workflow) {
    projects.requireExisting(project);
    return new Target(
        project,
        Identifiers.required(domain, "domain"),
        Identifiers.required(workflow, "name"),
        "");
  }

  private static int type(MatchableResource resource) {
    if (resource == MatchableResource.UNRECOGNIZED) {
      throw AdminException.invalidArgument("invalid value for resource_type");
    }
    return resource.getNumber();
  }

  private static MatchingAttributes message(AttributeRow row) {
    return StoredMessages.parse(MatchingAttributes.parser(), row.attributes());
  }

  private static AdminException notFound(Target target) {
    return AdminException.notFound(
        "Resource [%s:%s:%s] not found"
            .formatted(target.project(), target.domain(), target.workflow()));
  }
}
