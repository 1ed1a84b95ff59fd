package io.turboprop.admin.definitions;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import flyteidl.admin.Common.Labels;
import flyteidl.admin.ProjectOuterClass.Domain;
import flyteidl.admin.ProjectOuterClass.GetDomainRequest;
import flyteidl.admin.ProjectOuterClass.GetDomainsResponse;
import flyteidl.admin.ProjectOuterClass.InactiveProject;
import flyteidl.admin.ProjectOuterClass.Project;
import flyteidl.admin.ProjectOuterClass.Project.ProjectState;
import flyteidl.admin.ProjectOuterClass.ProjectGetRequest;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import flyteidl.admin.ProjectOuterClass.ProjectRegisterRequest;
import flyteidl.admin.ProjectOuterClass.ProjectRegisterResponse;
import flyteidl.admin.ProjectOuterClass.ProjectUpdateResponse;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.ProjectTables;
import io.turboprop.store.ProjectTables.ProjectRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Projects and domains. Domains are configured, and all projects have the same domains. */
public final class Projects {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final int ID_LENGTH_MAX = 63;
  private static final int NAME_LENGTH_MAX = 64;
  private static final int DESCRIPTION_LENGTH_MAX = 300;

  /**
   * How long the engine takes an active project as active without a new query, since creations come
   * in bursts.
   */
  private static final Duration ACTIVE_FOR = Duration.ofSeconds(1);

  private static final long ACTIVE_MAX = 1_000;

  private final ProjectTables tables;
  private final List<Domain> domains;
  private final Lists lists;
  private final Cache<String, ProjectRow> active =
      Caffeine.newBuilder().maximumSize(ACTIVE_MAX).expireAfterWrite(ACTIVE_FOR).build();

  public Projects(ProjectTables tables, List<String> domains, Lists lists) {
    this.lists = lists;
    this.tables = tables;
    this.domains =
        domains.stream().map(id -> Domain.newBuilder().setId(id).setName(id).build()).toList();
  }

  /** Creates those projects that are missing. */
  public void seed(List<String> identifiers) {
    for (var identifier : identifiers) {
      var project =
          Project.newBuilder()
              .setId(identifier)
              .setName(identifier)
              .setDescription(identifier + " description")
              .build();
      validate(project);
      tables.insert(row(project));
    }
  }

  /**
   * Refuses unknown domains, and projects that do not accept registrations and executions.
   *
   * @throws AdminException {@code INVALID_ARGUMENT}; an inactive project is named in the details
   */
  public void requireActive(String project, String domain) {
    requireActive(project);
    requireDomain(domain);
  }

  /** The same check for a project without a domain. */
  public void requireActive(String project) {
    var _ = active(project);
  }

  /** The labels for executions of an active project; refuses like {@link #requireActive}. */
  public Map<String, String> activeLabels(String project, String domain) {
    requireDomain(domain);
    return StoredMessages.parse(Labels.parser(), active(project).labels()).getValuesMap();
  }

  private ProjectRow active(String project) {
    var known = active.getIfPresent(project);
    if (known != null) {
      return known;
    }
    var row = requireExisting(project);
    if (row.state() != ProjectState.ACTIVE_VALUE) {
      throw new AdminException(
          Code.INVALID_ARGUMENT,
          "project [" + project + "] is not active",
          List.of(InactiveProject.newBuilder().setId(project).build()));
    }
    active.put(project, row);
    return row;
  }

  /** Refuses unknown projects with {@code INVALID_ARGUMENT}. */
  public ProjectRow requireExisting(String project) {
    return tables
        .find(Identifiers.required(project, "project"))
        .orElseThrow(
            () -> AdminException.invalidArgument("project [" + project + "] does not exist"));
  }

  private void requireDomain(String domain) {
    if (domains.stream().noneMatch(known -> known.getId().equals(domain))) {
      throw AdminException.invalidArgument("domain [" + domain + "] does not exist");
    }
  }

  public ProjectRegisterResponse registerProject(ProjectRegisterRequest request) {
    var project = request.getProject();
    Identifiers.required(project.getName(), "project_name");
    validate(project);
    if (!tables.insert(row(project))) {
      throw AdminException.alreadyExists("project [" + project.getId() + "] already exists");
    }
    return ProjectRegisterResponse.getDefaultInstance();
  }

  /** Empty fields keep their stored values; the state is always written. */
  public ProjectUpdateResponse updateProject(Project change) {
    var before = message(find(change.getId()));
    validate(change);
    var after = before.toBuilder().clearDomains().setStateValue(change.getStateValue());
    if (!change.getName().isEmpty()) {
      after.setName(change.getName());
    }
    if (!change.getDescription().isEmpty()) {
      after.setDescription(change.getDescription());
    }
    if (change.getLabels().getValuesCount() > 0) {
      after.setLabels(change.getLabels());
    }
    tables.update(row(after.build()));
    active.invalidate(change.getId());
    return ProjectUpdateResponse.getDefaultInstance();
  }

  public Project getProject(ProjectGetRequest request) {
    return message(find(request.getId()));
  }

  public flyteidl.admin.ProjectOuterClass.Projects listProjects(ProjectListRequest request) {
    var query =
        lists.unlimited(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var page = tables.list(query);
    var answer = flyteidl.admin.ProjectOuterClass.Projects.newBuilder();
    page.rows().forEach(row -> answer.addProjects(message(row)));
    return answer.setToken(Lists.nextToken(query, page)).build();
  }

  public GetDomainsResponse getDomains(GetDomainRequest request) {
    return GetDomainsResponse.newBuilder().addAllDomains(domains).build();
  }

  private ProjectRow find(String id) {
    return tables
        .find(id)
        .orElseThrow(() -> AdminException.notFound("project [" + id + "] not found"));
  }

  private static void validate(Project project) {
    Identifiers.required(project.getId(), "project_id");
    if (project.getId().length() > ID_LENGTH_MAX || !LABEL.matcher(project.getId()).matches()) {
      throw AdminException.invalidArgument(
          "invalid project id [" + project.getId() + "]: not a DNS-1123 label");
    }
    limit(project.getName(), "project_name", NAME_LENGTH_MAX);
    limit(project.getDescription(), "project_description", DESCRIPTION_LENGTH_MAX);
    KubernetesLabels.check(project.getLabels());
    if (project.getDomainsCount() > 0) {
      throw AdminException.invalidArgument("domains are system-wide, and cannot be set");
    }
    if (project.getState() == ProjectState.UNRECOGNIZED) {
      throw AdminException.invalidArgument("invalid value for state");
    }
  }

  private static void limit(String text, String field, int lengthMax) {
    if (text.length() > lengthMax) {
      throw AdminException.invalidArgument(field + " cannot exceed " + lengthMax + " characters");
    }
  }

  private static ProjectRow row(Project project) {
    return new ProjectRow(
        project.getId(),
        project.getName(),
        project.getDescription(),
        project.getStateValue(),
        project.getLabels().toByteString());
  }

  private Project message(ProjectRow row) {
    return Project.newBuilder()
        .setId(row.identifier())
        .setName(row.name())
        .setDescription(row.description())
        .setStateValue(row.state())
        .setLabels(StoredMessages.parse(Labels.parser(), row.labels()))
        .addAllDomains(domains)
        .build();
  }
}
