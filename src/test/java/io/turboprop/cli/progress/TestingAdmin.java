package io.turboprop.cli.progress;

import com.google.protobuf.util.Durations;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionClosure;
import flyteidl.admin.ExecutionOuterClass.ExecutionList;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionClosure;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionList;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionMetaData;
import flyteidl.admin.ProjectOuterClass.Domain;
import flyteidl.admin.ProjectOuterClass.Project;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import flyteidl.admin.ProjectOuterClass.Projects;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionList;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.admin.WorkflowOuterClass.Workflow;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.NodeMetadata;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowNode;
import flyteidl.core.Workflow.WorkflowTemplate;
import flyteidl.service.AdminServiceGrpc.AdminServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server whose executions all stand the same: n0 done at the second attempt, n1 a workflow half
 * done.
 */
public class TestingAdmin extends AdminServiceImplBase {
  public static final WorkflowExecutionIdentifier ID = execution("a1b2");

  private static final Identifier WORKFLOW = Identifier.newBuilder().setName("train_all").build();
  private static final Identifier INNER = Identifier.newBuilder().setName("inner").build();
  private static final Map<String, List<NodeExecution>> NODES =
      Map.of(
          "",
          List.of(
              node("start-node", "", "SUCCEEDED", false),
              node("n1", "n1", "RUNNING", true),
              node("n0", "n0", "SUCCEEDED", false)),
          "n1",
          List.of(
              node("n1-0-start-node", "start-node", "SUCCEEDED", false),
              node("n1-0-n0", "n0", "SUCCEEDED", false)));

  private final Map<WorkflowExecutionIdentifier, WorkflowExecution.Phase> phases =
      new ConcurrentHashMap<>();

  /** Lets an execution stand like this from now on. */
  public void put(WorkflowExecutionIdentifier id, WorkflowExecution.Phase phase) {
    phases.put(id, phase);
  }

  static WorkflowExecutionIdentifier execution(String name) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject("p")
        .setDomain("d")
        .setName(name)
        .build();
  }

  @Override
  public void listProjects(ProjectListRequest request, StreamObserver<Projects> answer) {
    var project = Project.newBuilder().setId("p").addDomains(Domain.newBuilder().setId("d"));
    answer(answer, Projects.newBuilder().addProjects(project).build());
  }

  @Override
  public void listExecutions(ResourceListRequest request, StreamObserver<ExecutionList> answer) {
    var list = ExecutionList.newBuilder();
    phases.forEach((id, phase) -> list.addExecutions(execution(id, phase)));
    answer(answer, list.build());
  }

  @Override
  public void getExecution(WorkflowExecutionGetRequest request, StreamObserver<Execution> answer) {
    var phase = phases.get(request.getId());
    if (phase == null) {
      answer.onError(Status.NOT_FOUND.asException());
      return;
    }
    answer(answer, execution(request.getId(), phase));
  }

  @Override
  public void getExecutionData(
      WorkflowExecutionGetDataRequest request,
      StreamObserver<WorkflowExecutionGetDataResponse> answer) {
    var outputs = LiteralMap.newBuilder();
    outputs
        .putLiteralsBuilderIfAbsent("o0")
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setInteger(42);
    answer(answer, WorkflowExecutionGetDataResponse.newBuilder().setFullOutputs(outputs).build());
  }

  @Override
  public void getWorkflow(ObjectGetRequest request, StreamObserver<Workflow> answer) {
    var workflow = Workflow.newBuilder();
    var closure = workflow.getClosureBuilder().getCompiledWorkflowBuilder();
    closure
        .getPrimaryBuilder()
        .setTemplate(
            template(WORKFLOW, task("n0", "prepare"), nested("n1", "sub"), task("n2", "last")));
    closure
        .addSubWorkflowsBuilder()
        .setTemplate(template(INNER, task("n0", "first"), task("n1", "second")));
    answer(answer, workflow.build());
  }

  @Override
  public void listNodeExecutions(
      NodeExecutionListRequest request, StreamObserver<NodeExecutionList> answer) {
    var all = NODES.getOrDefault(request.getUniqueParentId(), List.of());
    var from = request.getToken().isEmpty() ? 0 : Integer.parseInt(request.getToken());
    var page = NodeExecutionList.newBuilder().addNodeExecutions(all.get(from));
    if (from + 1 < all.size()) {
      page.setToken(String.valueOf(from + 1));
    }
    answer(answer, page.build());
  }

  @Override
  public void listTaskExecutions(
      TaskExecutionListRequest request, StreamObserver<TaskExecutionList> answer) {
    var list = TaskExecutionList.newBuilder();
    if (request.getNodeExecutionId().getNodeId().equals("n0")) {
      list.addTaskExecutions(
          TaskExecution.newBuilder()
              .setId(TaskExecutionIdentifier.newBuilder().setRetryAttempt(1)));
    }
    answer(answer, list.build());
  }

  private static Execution execution(
      WorkflowExecutionIdentifier id, WorkflowExecution.Phase phase) {
    return Execution.newBuilder()
        .setId(id)
        .setClosure(ExecutionClosure.newBuilder().setWorkflowId(WORKFLOW).setPhase(phase))
        .build();
  }

  private static <T> void answer(StreamObserver<T> observer, T message) {
    observer.onNext(message);
    observer.onCompleted();
  }

  private static WorkflowTemplate template(Identifier id, Node... nodes) {
    return WorkflowTemplate.newBuilder()
        .setId(id)
        .addNodes(Node.newBuilder().setId("start-node"))
        .addAllNodes(List.of(nodes))
        .build();
  }

  private static Node task(String id, String name) {
    return named(id, name).setTaskNode(TaskNode.getDefaultInstance()).build();
  }

  private static Node nested(String id, String name) {
    return named(id, name)
        .setWorkflowNode(WorkflowNode.newBuilder().setSubWorkflowRef(INNER))
        .build();
  }

  private static Node.Builder named(String id, String name) {
    return Node.newBuilder().setId(id).setMetadata(NodeMetadata.newBuilder().setName(name));
  }

  private static NodeExecution node(String id, String spec, String phase, boolean parent) {
    return NodeExecution.newBuilder()
        .setId(NodeExecutionIdentifier.newBuilder().setExecutionId(ID).setNodeId(id))
        .setMetadata(NodeExecutionMetaData.newBuilder().setSpecNodeId(spec).setIsParentNode(parent))
        .setClosure(
            NodeExecutionClosure.newBuilder()
                .setPhase(flyteidl.core.Execution.NodeExecution.Phase.valueOf(phase))
                .setDuration(Durations.fromSeconds(2)))
        .build();
  }
}
