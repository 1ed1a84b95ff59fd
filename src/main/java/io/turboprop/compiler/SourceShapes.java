package io.turboprop.compiler;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.TaskOuterClass.TaskSpec;
import flyteidl.admin.WorkflowOuterClass.WorkflowCreateRequest;
import flyteidl.admin.WorkflowOuterClass.WorkflowSpec;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.WorkflowTemplate;
import flyteidl.core.WorkflowClosureOuterClass.WorkflowClosure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The message types that a source may have. A serialised message does not name its type, so each
 * type is tried, and the resource types of its identifiers decide.
 */
final class SourceShapes {

  /** Reads the content as a message of the given kind. */
  interface Parser {
    Message parse(Message kind) throws InvalidProtocolBufferException;
  }

  private record Shape<M extends Message>(
      M kind, Predicate<M> isPlausible, BiConsumer<SourceShapes, M> taker) {

    /** Takes the content if it has this shape; returns whether it has. */
    boolean take(Parser parser, SourceShapes into) throws InvalidProtocolBufferException {
      @SuppressWarnings("unchecked") // a parser returns its own message class
      var message = (M) parser.parse(kind);
      if (!isPlausible.test(message)) {
        return false;
      }
      taker.accept(into, message);
      return true;
    }
  }

  private static final int MESSAGE_LENGTH_MAX = 200;

  private static final List<Shape<?>> SHAPES =
      List.of(
          new Shape<>(
              LaunchPlan.getDefaultInstance(),
              plan -> is(plan.getId(), ResourceType.LAUNCH_PLAN) && plan.hasSpec(),
              (sources, plan) -> sources.launchPlans.add(plan)),
          new Shape<>(
              TaskSpec.getDefaultInstance(),
              spec -> is(spec.getTemplate().getId(), ResourceType.TASK),
              (sources, spec) -> sources.tasks.add(spec.getTemplate())),
          new Shape<>(
              TaskCreateRequest.getDefaultInstance(),
              request -> is(request.getId(), ResourceType.TASK) && request.getSpec().hasTemplate(),
              (sources, request) -> sources.add(request)),
          new Shape<>(
              WorkflowSpec.getDefaultInstance(),
              spec ->
                  is(spec.getTemplate().getId(), ResourceType.WORKFLOW)
                      && spec.getSubWorkflowsList().stream()
                          .allMatch(sub -> is(sub.getId(), ResourceType.WORKFLOW)),
              (sources, spec) -> sources.add(spec.getTemplate(), spec.getSubWorkflowsList())),
          new Shape<>(
              WorkflowCreateRequest.getDefaultInstance(),
              request ->
                  is(request.getId(), ResourceType.WORKFLOW) && request.getSpec().hasTemplate(),
              (sources, request) -> sources.add(request)),
          new Shape<>(
              WorkflowClosure.getDefaultInstance(),
              closure ->
                  is(closure.getWorkflow().getId(), ResourceType.WORKFLOW)
                      && closure.getTasksList().stream()
                          .allMatch(task -> is(task.getId(), ResourceType.TASK)),
              (sources, closure) -> {
                sources.tasks.addAll(closure.getTasksList());
                sources.add(closure.getWorkflow(), List.of());
              }),
          new Shape<>(
              CompiledWorkflowClosure.getDefaultInstance(),
              closure -> is(closure.getPrimary().getTemplate().getId(), ResourceType.WORKFLOW),
              (sources, closure) -> sources.add(closure)));

  private final List<TaskTemplate> tasks = new ArrayList<>();
  private final List<Sources.Workflow> workflows = new ArrayList<>();
  private final List<LaunchPlan> launchPlans = new ArrayList<>();

  /** Takes a file's content in any of the shapes. */
  void take(String file, Parser parser) throws MalformedSourceException {
    Optional<InvalidProtocolBufferException> failure = Optional.empty();
    for (var shape : SHAPES) {
      try {
        if (shape.take(parser, this)) {
          return;
        }
      } catch (InvalidProtocolBufferException e) {
        failure = failure.or(() -> Optional.of(e));
      }
    }
    throw new MalformedSourceException(
        file,
        "is no serialised task, workflow or launch plan"
            + failure.map(e -> " (" + abridged(String.valueOf(e.getMessage())) + ")").orElse(""));
  }

  /** A parser may quote the whole content in its message. */
  private static String abridged(String message) {
    return message.length() <= MESSAGE_LENGTH_MAX
        ? message
        : message.substring(0, MESSAGE_LENGTH_MAX) + "…";
  }

  Sources toSources() {
    return new Sources(tasks, workflows, launchPlans);
  }

  private void add(WorkflowTemplate template, List<WorkflowTemplate> subWorkflows) {
    workflows.add(new Sources.Workflow(template, subWorkflows));
  }

  /** The request's own id counts, as in a registration. */
  private void add(TaskCreateRequest request) {
    tasks.add(request.getSpec().getTemplate().toBuilder().setId(request.getId()).build());
  }

  private void add(WorkflowCreateRequest request) {
    add(
        request.getSpec().getTemplate().toBuilder().setId(request.getId()).build(),
        request.getSpec().getSubWorkflowsList());
  }

  private void add(CompiledWorkflowClosure closure) {
    closure.getTasksList().stream().map(CompiledTask::getTemplate).forEach(tasks::add);
    add(
        closure.getPrimary().getTemplate(),
        closure.getSubWorkflowsList().stream().map(CompiledWorkflow::getTemplate).toList());
  }

  private static boolean is(Identifier id, ResourceType type) {
    return id.getResourceType() == type;
  }
}
