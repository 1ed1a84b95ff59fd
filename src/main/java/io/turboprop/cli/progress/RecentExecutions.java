package io.turboprop.cli.progress;

import com.linecorp.armeria.client.grpc.GrpcClients;
import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.Common.Sort;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import java.net.URI;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Follows all executions of a server: finds new executions, and shows each until it ends. At most a
 * few are shown at a time, the first found first. Not thread-safe.
 */
public final class RecentExecutions {
  private static final int FOLLOWED_MAX = 6;
  private static final int NEWEST = 20;
  private static final Sort NEWEST_FIRST =
      Sort.newBuilder().setKey("created_at").setDirection(Sort.Direction.DESCENDING).build();

  private final AdminServiceBlockingStub admin;
  private final ExecutionReader reader;
  private final ProgressDisplay display;
  private final Set<WorkflowExecutionIdentifier> followed = new LinkedHashSet<>();
  private Set<WorkflowExecutionIdentifier> known = new HashSet<>();
  private boolean first = true;

  /** Follows the executions of the server at {@code http://host:port}. */
  public RecentExecutions(URI endpoint, ProgressDisplay display) {
    this.admin = GrpcClients.newClient("gproto+" + endpoint, AdminServiceBlockingStub.class);
    this.reader = ExecutionReader.at(endpoint);
    this.display = display;
  }

  /**
   * Reads the server once. Executions that had ended before the first read are not shown.
   *
   * @throws io.grpc.StatusRuntimeException when the server does not answer; the caller may try
   *     again later
   */
  public void look() {
    find();
    for (Iterator<WorkflowExecutionIdentifier> each = followed.iterator(); each.hasNext(); ) {
      var view = reader.read(each.next());
      view.ifPresent(display::show);
      if (view.filter(seen -> !seen.phase().isFinal()).isEmpty()) {
        each.remove();
      }
    }
  }

  /** Whether an execution was under way at the last read. */
  public boolean isFollowing() {
    return !followed.isEmpty();
  }

  private void find() {
    var listed = new HashSet<WorkflowExecutionIdentifier>();
    newest()
        .forEach(execution -> {
          listed.add(execution.getId());
          if (isNew(execution) && followed.size() < FOLLOWED_MAX) {
            followed.add(execution.getId());
          }
        });
    known = listed;
    first = false;
  }

  private boolean isNew(Execution execution) {
    var ended = Phase.named(execution.getClosure().getPhase().name()).isFinal();
    return !known.contains(execution.getId()) && !(first && ended);
  }

  private Stream<Execution> newest() {
    return admin.listProjects(ProjectListRequest.getDefaultInstance()).getProjectsList().stream()
        .flatMap(project ->
            project.getDomainsList().stream()
                .flatMap(domain -> newest(project.getId(), domain.getId()).stream()));
  }

  private List<Execution> newest(String project, String domain) {
    var request =
        ResourceListRequest.newBuilder()
            .setId(NamedEntityIdentifier.newBuilder().setProject(project).setDomain(domain))
            .setLimit(NEWEST)
            .setSortBy(NEWEST_FIRST);
    return admin.listExecutions(request.build()).getExecutionsList();
  }
}
