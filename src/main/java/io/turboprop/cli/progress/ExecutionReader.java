package io.turboprop.cli.progress;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import com.linecorp.armeria.client.grpc.GrpcClients;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.Sort;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the progress of executions from a server, through the API that every Flyte client uses.
 * Calls block. Not thread-safe.
 */
public final class ExecutionReader {
  private static final int PAGE = 500;

  /** In a graph with more nodes, attempts are not read, since each node would cost a call. */
  private static final int ATTEMPTS_UP_TO_NODES = 100;

  private static final Sort OLDEST_FIRST = sort(Sort.Direction.ASCENDING);
  private static final Sort NEWEST_FIRST = sort(Sort.Direction.DESCENDING);

  private final AdminServiceBlockingStub admin;
  private final Clock clock;
  private final Cache<Identifier, Outline> outlines = Caffeine.newBuilder().maximumSize(50).build();
  private final Cache<NodeExecutionIdentifier, Integer> attemptsOfEnded =
      Caffeine.newBuilder().maximumSize(5000).build();
  private final Cache<NodeExecutionIdentifier, String> errors =
      Caffeine.newBuilder().maximumSize(500).build();

  ExecutionReader(AdminServiceBlockingStub admin, Clock clock) {
    this.admin = admin;
    this.clock = clock;
  }

  /** A reader for the server at {@code http://host:port}; connects on first use. */
  public static ExecutionReader at(URI endpoint) {
    var admin = GrpcClients.newClient("gproto+" + endpoint, AdminServiceBlockingStub.class);
    return new ExecutionReader(admin, Clock.systemUTC());
  }

  /**
   * The present view of an execution; empty while the server does not know it.
   *
   * @throws StatusRuntimeException with any other refusal of the server
   */
  public Optional<ExecutionView> read(WorkflowExecutionIdentifier id) {
    try {
      return Optional.of(view(admin.getExecution(request(id))));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The outputs of an execution that has succeeded. */
  public LiteralMap outputs(WorkflowExecutionIdentifier id) {
    return admin
        .getExecutionData(WorkflowExecutionGetDataRequest.newBuilder().setId(id).build())
        .getFullOutputs();
  }

  private ExecutionView view(Execution execution) {
    var closure = execution.getClosure();
    var phase = Phase.named(closure.getPhase().name());
    var workflow = closure.getWorkflowId();
    return new ExecutionView(
        execution.getId().getName(),
        workflow.getName(),
        phase,
        elapsed(phase, closure.getStartedAt(), closure.getDuration()),
        closure.hasError() ? closure.getError().getMessage() : null,
        graph(execution.getId(), "", outline(workflow)));
  }

  private Outline outline(Identifier workflow) {
    return outlines.get(
        workflow,
        id ->
            Outline.of(
                admin
                    .getWorkflow(ObjectGetRequest.newBuilder().setId(id).build())
                    .getClosure()
                    .getCompiledWorkflow()));
  }

  private List<NodeView> graph(WorkflowExecutionIdentifier id, String parent, Outline outline) {
    var found = new HashMap<String, NodeView>();
    Set<String> order = new LinkedHashSet<>(outline.expected());
    var nodes = list(id, parent);
    for (var node : nodes) {
      if (!Outline.isStartOrEnd(node.getId().getNodeId())) {
        order.add(specId(node));
        found.put(specId(node), view(id, node, outline, nodes.size() <= ATTEMPTS_UP_TO_NODES));
      }
    }
    return order.stream()
        .map(spec -> found.getOrDefault(spec, NodeView.waiting(spec, outline.name(spec))))
        .toList();
  }

  private NodeView view(
      WorkflowExecutionIdentifier id, NodeExecution node, Outline outline, boolean withAttempts) {
    var closure = node.getClosure();
    var phase = Phase.named(closure.getPhase().name());
    var spec = specId(node);
    var nodeId = node.getId().getNodeId();
    return new NodeView(
        nodeId,
        outline.name(spec),
        phase,
        withAttempts ? attempts(node.getId(), phase) : 0,
        elapsed(phase, closure.getStartedAt(), closure.getDuration()),
        closure.getTaskNodeMetadata().getCacheStatus() == CatalogCacheStatus.CACHE_HIT,
        closure.hasError() ? error(node.getId()) : null,
        node.getMetadata().getIsParentNode() ? graph(id, nodeId, outline.inside(spec)) : List.of());
  }

  private List<NodeExecution> list(WorkflowExecutionIdentifier id, String parent) {
    var all = new ArrayList<NodeExecution>();
    var request =
        NodeExecutionListRequest.newBuilder()
            .setWorkflowExecutionId(id)
            .setUniqueParentId(parent)
            .setLimit(PAGE)
            .setSortBy(OLDEST_FIRST);
    String token;
    do {
      var page = admin.listNodeExecutions(request.build());
      all.addAll(page.getNodeExecutionsList());
      token = page.getToken();
      request.setToken(token);
    } while (!token.isEmpty());
    return all;
  }

  /** The error of a node, in few lines. Lists hold only its beginning, so the node is read. */
  private String error(NodeExecutionIdentifier node) {
    var request = NodeExecutionGetRequest.newBuilder().setId(node).build();
    return errors.get(
        node,
        _ -> ErrorText.brief(admin.getNodeExecution(request).getClosure().getError().getMessage()));
  }

  private int attempts(NodeExecutionIdentifier node, Phase phase) {
    var known = attemptsOfEnded.getIfPresent(node);
    if (known != null) {
      return known;
    }
    var newest =
        TaskExecutionListRequest.newBuilder()
            .setNodeExecutionId(node)
            .setLimit(1)
            .setSortBy(NEWEST_FIRST)
            .build();
    var attempts =
        admin.listTaskExecutions(newest).getTaskExecutionsList().stream()
            .mapToInt(task -> task.getId().getRetryAttempt() + 1)
            .findFirst()
            .orElse(0);
    if (phase.isFinal()) {
      attemptsOfEnded.put(node, attempts);
    }
    return attempts;
  }

  private java.time.@Nullable Duration elapsed(Phase phase, Timestamp started, Duration ended) {
    if (phase.isFinal()) {
      return java.time.Duration.ofSeconds(ended.getSeconds(), ended.getNanos());
    }
    return started.equals(Timestamp.getDefaultInstance())
        ? null
        : java.time.Duration.ofMillis(Math.max(0, clock.millis() - Timestamps.toMillis(started)));
  }

  private static String specId(NodeExecution node) {
    var spec = node.getMetadata().getSpecNodeId();
    return spec.isEmpty() ? node.getId().getNodeId() : spec;
  }

  private static WorkflowExecutionGetRequest request(WorkflowExecutionIdentifier id) {
    return WorkflowExecutionGetRequest.newBuilder().setId(id).build();
  }

  private static Sort sort(Sort.Direction direction) {
    return Sort.newBuilder().setKey("created_at").setDirection(direction).build();
  }
}
