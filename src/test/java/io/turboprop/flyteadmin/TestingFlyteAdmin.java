package io.turboprop.flyteadmin;

import com.typesafe.config.ConfigFactory;
import flyteidl.admin.Event.EventErrorAlreadyInTerminalState;
import flyteidl.admin.Event.EventErrorIncompatibleCluster;
import flyteidl.admin.Event.EventFailureReason;
import flyteidl.admin.Event.NodeExecutionEventRequest;
import flyteidl.admin.Event.NodeExecutionEventResponse;
import flyteidl.admin.Event.TaskExecutionEventRequest;
import flyteidl.admin.Event.TaskExecutionEventResponse;
import flyteidl.admin.Event.WorkflowExecutionEventRequest;
import flyteidl.admin.Event.WorkflowExecutionEventResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.SignalOuterClass.Signal;
import flyteidl.admin.SignalOuterClass.SignalGetOrCreateRequest;
import flyteidl.core.Execution.ExecutionError;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.IdentifierOuterClass.SignalIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.SignalServiceGrpc;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.turboprop.setting.Section;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A double of FlyteAdmin's event service. It answers by the state machines of FlyteAdmin, and is
 * stricter where FlyteAdmin takes any order: an event that goes back to an earlier phase, comes
 * after the end, or leaves something open at the end, is rejected and remembered.
 */
public final class TestingFlyteAdmin implements AutoCloseable {
  private static final Set<WorkflowExecution.Phase> ENDS =
      EnumSet.of(
          WorkflowExecution.Phase.SUCCEEDED,
          WorkflowExecution.Phase.FAILED,
          WorkflowExecution.Phase.TIMED_OUT,
          WorkflowExecution.Phase.ABORTED);

  private final ServerCredentials credentials;
  private final List<BindableService> others;
  private final List<ServerInterceptor> interceptors;
  private final Map<WorkflowExecutionIdentifier, Execution> executions = new HashMap<>();
  private final Set<WorkflowExecutionIdentifier> unknown = new HashSet<>();
  private final Set<WorkflowExecutionIdentifier> denied = new HashSet<>();
  private final Set<WorkflowExecutionIdentifier> failing = new HashSet<>();
  private int failures;
  private final Map<SignalIdentifier, Signal> signals = new HashMap<>();
  private final List<String> rejections = new ArrayList<>();
  private int port;
  private int requests;
  private int messageBytesMax = 4 << 20;
  private final Map<WorkflowExecutionIdentifier, String> clusters = new HashMap<>();
  private Consumer<ExecutionCreateRequest> creation = _ -> {};
  private Server server;

  /** What is known of an execution. */
  private static final class Execution {
    private WorkflowExecution.Phase phase = WorkflowExecution.Phase.UNDEFINED;
    private int repeated;
    private ExecutionCreateRequest request;
    private final List<WorkflowExecutionEvent> events = new ArrayList<>();
    private final Map<String, Node> nodes = new HashMap<>();
  }

  private static final class Node {
    private NodeExecution.Phase phase = NodeExecution.Phase.UNDEFINED;
    private final List<NodeExecutionEvent> events = new ArrayList<>();
    private final Map<Key, Attempt> attempts = new HashMap<>();
  }

  private static final class Attempt {
    private TaskExecution.Phase phase = TaskExecution.Phase.UNDEFINED;
    private int version;
    private final List<TaskExecutionEvent> events = new ArrayList<>();
  }

  private record Key(Identifier task, int retry) {}

  private TestingFlyteAdmin(
      ServerCredentials credentials,
      List<BindableService> others,
      List<ServerInterceptor> interceptors)
      throws IOException {
    this.credentials = credentials;
    this.others = others;
    this.interceptors = interceptors;
    this.server = serve();
    this.port = server.getPort();
  }

  /** A double that serves plain text on a free port of this machine. */
  public static TestingFlyteAdmin start() throws IOException {
    return start(InsecureServerCredentials.create(), List.of(), List.of());
  }

  /** A double with TLS, further services, or a look at the calls before it. */
  static TestingFlyteAdmin start(
      ServerCredentials credentials,
      List<BindableService> others,
      List<ServerInterceptor> interceptors)
      throws IOException {
    return new TestingFlyteAdmin(credentials, others, interceptors);
  }

  private Server serve() throws IOException {
    var builder =
        Grpc.newServerBuilderForPort(port, credentials)
            .addService(new Events())
            .addService(new SignalCalls());
    others.forEach(builder::addService);
    interceptors.forEach(builder::intercept);
    return builder.maxInboundMessageSize(messageBytesMax).build().start();
  }

  /** As a client's settings name it. */
  public String endpoint() {
    return "127.0.0.1:" + port;
  }

  /** The settings of an engine behind this FlyteAdmin. */
  FlyteAdminSettings settings(String callTimeout) {
    var config =
        ConfigFactory.parseString(
                "turboprop.flyteadmin { endpoint = \"%s\", insecure = true, call-timeout = %s }"
                    .formatted(endpoint(), callTimeout))
            .withFallback(ConfigFactory.parseResources("reference.conf"));
    return FlyteAdminSettings.from(
            new Section(config.getConfig("turboprop.flyteadmin"), "turboprop.flyteadmin"))
        .orElseThrow();
  }

  /** Stops to serve; what is known is kept. */
  public void interrupt() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  /** Serves again on the same port. */
  public void resume() throws IOException {
    server = serve();
  }

  /** Has executions that are created here begin somewhere, as a resource makes them. */
  public void onCreation(Consumer<ExecutionCreateRequest> creation) {
    this.creation = creation;
  }

  /** The requests by which executions were created, by name. */
  synchronized Map<String, ExecutionCreateRequest> created() {
    var created = new HashMap<String, ExecutionCreateRequest>();
    executions.forEach((id, execution) -> {
      if (execution.request != null) {
        created.put(id.getName(), execution.request);
      }
    });
    return created;
  }

  /** Sends a signal, as a client of FlyteAdmin does; whether a gate has made the signal known. */
  public synchronized boolean send(SignalIdentifier id, Literal value) {
    return signals.computeIfPresent(id, (_, known) -> known.toBuilder().setValue(value).build())
        != null;
  }

  private synchronized Signal getOrCreate(SignalGetOrCreateRequest request) throws Refusal {
    var id = request.getId();
    if (unknown.contains(id.getExecutionId())) {
      throw new Refusal(Code.NOT_FOUND, "missing entity of type execution");
    }
    return signals.computeIfAbsent(
        id, _ -> Signal.newBuilder().setId(id).setType(request.getType()).build());
  }

  /** From now on, executions of this name are unknown, or are known again. */
  public synchronized void know(WorkflowExecutionIdentifier id, boolean known) {
    if (known) {
      unknown.remove(id);
    } else {
      unknown.add(id);
    }
  }

  /** From now on, the engine may not send events of an execution, or may send them again. */
  public synchronized void deny(WorkflowExecutionIdentifier id, boolean isDenied) {
    if (isDenied) {
      denied.add(id);
    } else {
      denied.remove(id);
    }
  }

  /** From now on, every event that a node of this execution runs meets a bug. */
  public synchronized void failOnRunningNodes(WorkflowExecutionIdentifier id) {
    failing.add(id);
  }

  /** How many events have met that bug. */
  public synchronized int failures() {
    return failures;
  }

  /** Puts an execution into a phase, as a call of a user does. */
  public synchronized void put(WorkflowExecutionIdentifier id, WorkflowExecution.Phase phase) {
    executions.computeIfAbsent(id, _ -> new Execution()).phase = phase;
  }

  /** From now on, an execution belongs to this cluster. */
  public synchronized void giveTo(WorkflowExecutionIdentifier id, String cluster) {
    clusters.put(id, cluster);
  }

  /** The error of an execution's last event. */
  public synchronized ExecutionError error(String name) {
    return last(name).getError();
  }

  /** The file of the outputs in an execution's last event. */
  public synchronized String outputUri(String name) {
    return last(name).getOutputUri();
  }

  private WorkflowExecutionEvent last(String name) {
    return executions.entrySet().stream()
        .filter(entry -> entry.getKey().getName().equals(name))
        .map(entry -> entry.getValue().events.getLast())
        .findFirst()
        .orElseThrow();
  }

  /** From the next start on, larger messages are refused. */
  public void takeAtMost(int bytes) {
    messageBytesMax = bytes;
  }

  /** What was rejected, with the reason. */
  public synchronized List<String> rejections() {
    return List.copyOf(rejections);
  }

  /** How many events of an execution came that had been recorded before. */
  public synchronized int repeated(String name) {
    return executions.entrySet().stream()
        .filter(entry -> entry.getKey().getName().equals(name))
        .mapToInt(entry -> entry.getValue().repeated)
        .sum();
  }

  /** How many events came. */
  public synchronized int requests() {
    return requests;
  }

  /** The phases of executions, by name. */
  public synchronized Map<String, WorkflowExecution.Phase> phases() {
    var phases = new HashMap<String, WorkflowExecution.Phase>();
    executions.forEach((id, execution) -> phases.put(id.getName(), execution.phase));
    return phases;
  }

  /** The phases of an execution's nodes, by id. */
  public synchronized Map<String, NodeExecution.Phase> nodes(String name) {
    var phases = new HashMap<String, NodeExecution.Phase>();
    executions.forEach((id, execution) -> {
      if (id.getName().equals(name)) {
        execution.nodes.forEach((node, known) -> phases.put(node, known.phase));
      }
    });
    return phases;
  }

  synchronized List<WorkflowExecutionEvent> workflowEvents(WorkflowExecutionIdentifier id) {
    return List.copyOf(executions.getOrDefault(id, new Execution()).events);
  }

  synchronized List<NodeExecutionEvent> nodeEvents(WorkflowExecutionIdentifier id, String node) {
    return List.copyOf(
        executions.getOrDefault(id, new Execution()).nodes.getOrDefault(node, new Node()).events);
  }

  synchronized List<TaskExecutionEvent> taskEvents(WorkflowExecutionIdentifier id, String node) {
    return executions
        .getOrDefault(id, new Execution())
        .nodes
        .getOrDefault(node, new Node())
        .attempts
        .values()
        .stream()
        .flatMap(attempt -> attempt.events.stream())
        .toList();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** An answer that is no success. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final StatusException status;

    Refusal(Code code, String message) {
      this(Status.fromCode(code).withDescription(message).asException());
    }

    Refusal(StatusException status) {
      super(status);
      this.status = status;
    }

    static Refusal because(EventFailureReason reason, String message) {
      return new Refusal(
          StatusProto.toStatusException(
              com.google.rpc.Status.newBuilder()
                  .setCode(Code.FAILED_PRECONDITION.value())
                  .setMessage(message)
                  .addDetails(com.google.protobuf.Any.pack(reason))
                  .build()));
    }
  }

  /** Remembers an event that a client of FlyteAdmin must not send. */
  private Refusal rejected(String reason, Object event) {
    rejections.add(reason + ": " + event.toString().replaceAll("\\s+", " "));
    return new Refusal(Code.FAILED_PRECONDITION, reason);
  }

  private static Refusal repeated(Execution execution, String what) {
    execution.repeated++;
    return new Refusal(Code.ALREADY_EXISTS, what + " was already recorded");
  }

  private static Refusal ended(String phase) {
    return Refusal.because(
        EventFailureReason.newBuilder()
            .setAlreadyInTerminalState(
                EventErrorAlreadyInTerminalState.newBuilder().setCurrentPhase(phase))
            .build(),
        "already in terminal phase " + phase);
  }

  private Execution find(WorkflowExecutionIdentifier id, String producer) throws Refusal {
    requests++;
    if (unknown.contains(id)) {
      throw new Refusal(Code.NOT_FOUND, "missing entity of type execution " + id.getName());
    }
    if (denied.contains(id)) {
      throw new Refusal(Code.PERMISSION_DENIED, "no permission for " + id.getName());
    }
    var cluster = clusters.getOrDefault(id, producer);
    if (!producer.isEmpty() && !producer.equals("propeller") && !producer.equals(cluster)) {
      throw Refusal.because(
          EventFailureReason.newBuilder()
              .setIncompatibleCluster(
                  EventErrorIncompatibleCluster.newBuilder().setCluster(cluster))
              .build(),
          "the execution runs on " + cluster);
    }
    return executions.computeIfAbsent(id, _ -> new Execution());
  }

  private synchronized void take(WorkflowExecutionEvent event) throws Refusal {
    var execution = find(event.getExecutionId(), event.getProducerId());
    if (event.getPhase() == execution.phase) {
      throw repeated(execution, "workflow phase " + event.getPhase());
    }
    if (ENDS.contains(execution.phase)) {
      if (execution.events.isEmpty() || execution.events.getLast().getPhase() != execution.phase) {
        throw ended(execution.phase.name());
      }
      rejections.add("the execution had ended by an event: " + event);
      throw ended(execution.phase.name());
    }
    if (execution.phase == WorkflowExecution.Phase.ABORTING && !ENDS.contains(event.getPhase())) {
      throw new Refusal(Code.FAILED_PRECONDITION, "the execution is being aborted");
    }
    if (rank(event.getPhase()) <= rank(execution.phase)) {
      throw rejected("an execution goes from " + execution.phase + " back", event);
    }
    if (ENDS.contains(event.getPhase())) {
      for (var node : execution.nodes.entrySet()) {
        if (rank(node.getValue().phase) < rank(NodeExecution.Phase.SUCCEEDED)) {
          throw rejected(
              "an execution ends before its node %s, which is %s"
                  .formatted(node.getKey(), node.getValue().phase),
              event);
        }
      }
    }
    if (!event.hasOccurredAt()) {
      throw rejected("an event without a time", event);
    }
    execution.phase = event.getPhase();
    execution.events.add(event);
  }

  private static int rank(WorkflowExecution.Phase phase) {
    return switch (phase) {
      case UNDEFINED -> 0;
      case QUEUED -> 1;
      case RUNNING -> 2;
      case SUCCEEDING, FAILING, ABORTING -> 3;
      case SUCCEEDED, FAILED, ABORTED, TIMED_OUT -> 4;
      case UNRECOGNIZED -> -1;
    };
  }

  private synchronized void take(NodeExecutionEvent event) throws Refusal {
    if (failing.contains(event.getId().getExecutionId())
        && event.getPhase() == NodeExecution.Phase.RUNNING) {
      failures++;
      throw new Refusal(Code.INTERNAL, "a bug");
    }
    var execution = find(event.getId().getExecutionId(), event.getProducerId());
    var node = execution.nodes.get(event.getId().getNodeId());
    if (node != null && node.phase == event.getPhase()) {
      throw repeated(execution, "node phase " + event.getPhase());
    }
    if (node != null && rank(node.phase) == rank(NodeExecution.Phase.SUCCEEDED)) {
      rejections.add("the node had ended: " + event);
      throw ended(event.getPhase().name());
    }
    if (node != null && rank(event.getPhase()) <= rank(node.phase)) {
      throw rejected("a node goes from " + node.phase + " back", event);
    }
    if (execution.phase == WorkflowExecution.Phase.UNDEFINED) {
      throw rejected("a node before its execution", event);
    }
    if (endedByEvent(execution)) {
      throw rejected("a node after the end of its execution", event);
    }
    if (!event.hasOccurredAt() || !event.hasReportedAt() || event.getSpecNodeId().isEmpty()) {
      throw rejected("an event without times or the id of the node in its graph", event);
    }
    if (event.hasParentNodeMetadata()) {
      requireOpenParent(execution, event);
    }
    if (node != null && rank(event.getPhase()) == rank(NodeExecution.Phase.SUCCEEDED)) {
      for (var attempt : node.attempts.entrySet()) {
        if (!hasEnded(attempt.getValue().phase)) {
          throw rejected("a node ends before its attempt " + attempt.getKey().retry(), event);
        }
      }
    }
    var known = execution.nodes.computeIfAbsent(event.getId().getNodeId(), _ -> new Node());
    known.phase = event.getPhase();
    known.events.add(event);
  }

  private void requireOpenParent(Execution execution, NodeExecutionEvent event) throws Refusal {
    var id = event.getParentNodeMetadata().getNodeId();
    var parent = execution.nodes.get(id);
    if (parent == null) {
      rejections.add("a node before its parent: " + event);
      throw new Refusal(Code.NOT_FOUND, "missing node execution " + id);
    }
    if (rank(parent.phase) == rank(NodeExecution.Phase.SUCCEEDED)) {
      throw rejected("a node after the end of its parent", event);
    }
    if (event.getRetryGroup().isEmpty()) {
      throw rejected("a node without the attempt of its parent", event);
    }
  }

  private static boolean endedByEvent(Execution execution) {
    return ENDS.contains(execution.phase)
        && !execution.events.isEmpty()
        && execution.events.getLast().getPhase() == execution.phase;
  }

  private static int rank(NodeExecution.Phase phase) {
    return switch (phase) {
      case UNDEFINED -> 0;
      case QUEUED -> 1;
      case RUNNING -> 2;
      case DYNAMIC_RUNNING -> 3;
      case FAILING -> 4;
      case SUCCEEDED, FAILED, ABORTED, SKIPPED, TIMED_OUT, RECOVERED -> 5;
      case UNRECOGNIZED -> -1;
    };
  }

  private synchronized void take(TaskExecutionEvent event) throws Refusal {
    var id = event.getParentNodeExecutionId();
    var execution = find(id.getExecutionId(), event.getProducerId());
    if (!event.hasOccurredAt() || event.getTaskId().getResourceType() != ResourceType.TASK) {
      rejections.add("an attempt without a time or a task: " + event);
      throw new Refusal(Code.INVALID_ARGUMENT, "missing occurred_at or task_id");
    }
    var node = execution.nodes.get(id.getNodeId());
    if (node == null) {
      rejections.add("an attempt before its node: " + event);
      throw new Refusal(Code.INTERNAL, "failed to get existing node execution id");
    }
    var key = new Key(event.getTaskId(), event.getRetryAttempt());
    var attempt = node.attempts.get(key);
    if (attempt != null
        && attempt.phase == event.getPhase()
        && event.getPhaseVersion() <= attempt.version) {
      throw repeated(execution, "attempt phase " + event.getPhase());
    }
    if (attempt != null && hasEnded(attempt.phase)) {
      rejections.add("the attempt had ended: " + event);
      throw ended(event.getPhase().name());
    }
    if (rank(node.phase) == rank(NodeExecution.Phase.SUCCEEDED)) {
      throw rejected("an attempt after the end of its node", event);
    }
    var known = node.attempts.computeIfAbsent(key, _ -> new Attempt());
    known.phase = event.getPhase();
    // As FlyteAdmin does: a version of 0 does not replace the one of the phase before.
    known.version = event.getPhaseVersion() == 0 ? known.version : event.getPhaseVersion();
    known.events.add(event);
  }

  private static boolean hasEnded(TaskExecution.Phase phase) {
    return switch (phase) {
      case SUCCEEDED, FAILED, ABORTED -> true;
      case UNDEFINED,
          QUEUED,
          RUNNING,
          INITIALIZING,
          WAITING_FOR_RESOURCES,
          RETRYABLE_FAILED,
          UNRECOGNIZED ->
          false;
    };
  }

  private synchronized void terminate(ExecutionTerminateRequest request) throws Refusal {
    var execution = executions.get(request.getId());
    if (execution == null) {
      throw new Refusal(Code.NOT_FOUND, "missing entity of type execution");
    }
    if (ENDS.contains(execution.phase)) {
      throw ended(execution.phase.name());
    }
    execution.phase = WorkflowExecution.Phase.ABORTING;
  }

  static NodeExecutionIdentifier node(WorkflowExecutionIdentifier id, String node) {
    return NodeExecutionIdentifier.newBuilder().setExecutionId(id).setNodeId(node).build();
  }

  /** A call that takes an event. */
  private interface Taking<E> {
    void take(E event) throws Refusal;
  }

  private static <E, A> void answer(
      Taking<E> taking, E event, A success, StreamObserver<A> observer) {
    try {
      taking.take(event);
      observer.onNext(success);
      observer.onCompleted();
    } catch (Refusal e) {
      observer.onError(e.status);
    }
  }

  private synchronized flyteidl.admin.ExecutionOuterClass.Execution get(
      WorkflowExecutionIdentifier id) throws Refusal {
    var execution = executions.get(id);
    if (execution == null || unknown.contains(id)) {
      throw new Refusal(Code.NOT_FOUND, "missing entity of type execution " + id.getName());
    }
    var message = flyteidl.admin.ExecutionOuterClass.Execution.newBuilder().setId(id);
    if (execution.request != null) {
      message.setSpec(execution.request.getSpec());
    }
    var closure = message.getClosureBuilder().setPhase(execution.phase);
    if (!execution.events.isEmpty()) {
      var last = execution.events.getLast();
      if (last.hasError()) {
        closure.setError(last.getError());
      } else if (!last.getOutputUri().isEmpty()) {
        closure.getOutputsBuilder().setUri(last.getOutputUri());
      }
    }
    return message.build();
  }

  private void create(ExecutionCreateRequest request) throws Refusal {
    var id =
        WorkflowExecutionIdentifier.newBuilder()
            .setProject(request.getProject())
            .setDomain(request.getDomain())
            .setName(request.getName())
            .build();
    synchronized (this) {
      var known = executions.get(id);
      if (known != null && known.request != null) {
        throw new Refusal(Code.ALREADY_EXISTS, "there is an execution " + id.getName());
      }
      executions.computeIfAbsent(id, _ -> new Execution()).request = request;
    }
    creation.accept(request);
  }

  private final class SignalCalls extends SignalServiceGrpc.SignalServiceImplBase {
    @Override
    public void getOrCreateSignal(
        SignalGetOrCreateRequest request, StreamObserver<Signal> observer) {
      try {
        observer.onNext(getOrCreate(request));
        observer.onCompleted();
      } catch (Refusal e) {
        observer.onError(e.status);
      }
    }
  }

  private final class Events extends AdminServiceGrpc.AdminServiceImplBase {
    @Override
    public void createExecution(
        ExecutionCreateRequest request, StreamObserver<ExecutionCreateResponse> observer) {
      answer(
          TestingFlyteAdmin.this::create,
          request,
          ExecutionCreateResponse.getDefaultInstance(),
          observer);
    }

    @Override
    public void getExecution(
        WorkflowExecutionGetRequest request,
        StreamObserver<flyteidl.admin.ExecutionOuterClass.Execution> observer) {
      try {
        observer.onNext(get(request.getId()));
        observer.onCompleted();
      } catch (Refusal e) {
        observer.onError(e.status);
      }
    }

    @Override
    public void getExecutionData(
        WorkflowExecutionGetDataRequest request,
        StreamObserver<WorkflowExecutionGetDataResponse> observer) {
      var outputs = WorkflowExecutionGetDataResponse.newBuilder();
      var events = workflowEvents(request.getId());
      if (!events.isEmpty() && events.getLast().hasOutputData()) {
        outputs.setFullOutputs(events.getLast().getOutputData());
      }
      observer.onNext(outputs.build());
      observer.onCompleted();
    }

    @Override
    public void terminateExecution(
        ExecutionTerminateRequest request, StreamObserver<ExecutionTerminateResponse> observer) {
      answer(
          TestingFlyteAdmin.this::terminate,
          request,
          ExecutionTerminateResponse.getDefaultInstance(),
          observer);
    }

    @Override
    public void createWorkflowEvent(
        WorkflowExecutionEventRequest request,
        StreamObserver<WorkflowExecutionEventResponse> observer) {
      answer(
          TestingFlyteAdmin.this::take,
          request.getEvent(),
          WorkflowExecutionEventResponse.getDefaultInstance(),
          observer);
    }

    @Override
    public void createNodeEvent(
        NodeExecutionEventRequest request, StreamObserver<NodeExecutionEventResponse> observer) {
      answer(
          TestingFlyteAdmin.this::take,
          request.getEvent(),
          NodeExecutionEventResponse.getDefaultInstance(),
          observer);
    }

    @Override
    public void createTaskEvent(
        TaskExecutionEventRequest request, StreamObserver<TaskExecutionEventResponse> observer) {
      answer(
          TestingFlyteAdmin.this::take,
          request.getEvent(),
          TaskExecutionEventResponse.getDefaultInstance(),
          observer);
    }
  }
}
