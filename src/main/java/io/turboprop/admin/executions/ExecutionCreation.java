package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.KubernetesLabels;
import io.turboprop.admin.definitions.LaunchPlanRules;
import io.turboprop.admin.definitions.OwnAnnotations;
import io.turboprop.admin.definitions.Projects;
import io.turboprop.admin.executions.ExecutionParents.Inherited;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.RetryHint;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.node.Reuse;
import io.turboprop.store.NewExecution;
import io.turboprop.store.NewExecution.Tag;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Workflows;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates executions ({@code AdminService.CreateExecution}): checks and resolves the whole request,
 * and then writes the row. After that nothing may fail, because clients repeat failed calls and
 * would create a second execution.
 */
final class ExecutionCreation {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionCreation.class);

  /** How many generated names are tried; each may be taken already. */
  private static final int NAMES_MAX = 5;

  private final Projects projects;
  private final LaunchTargets targets;
  private final ExecutionConfigs configs;
  private final ExecutionParents parents;
  private final ConcurrencyLimits limits;
  private final InputStorage storedInputs;
  private final ExecutionReads executions;
  private final ExecutionPlans plans;
  private final Workflows workflows;
  private final Consumer<AcceptedExecution> accepted;
  private final ProjectQueue queue;
  private final ExecutionSettings settings;
  private final Clock clock;
  private final ExecutionNames names = new ExecutionNames();

  ExecutionCreation(
      Definitions definitions,
      LaunchTargets targets,
      ExecutionParents parents,
      ExecutionReads executions,
      ConcurrencyLimits limits,
      ExecutionService.Environment environment) {
    this.projects = definitions.projects();
    this.targets = targets;
    this.configs = new ExecutionConfigs(definitions.attributes());
    this.parents = parents;
    this.limits = limits;
    this.executions = executions;
    this.plans = environment.plans();
    this.workflows = environment.workflows();
    this.accepted = environment.accepted();
    this.queue = environment.queue();
    this.settings = environment.settings();
    this.clock = environment.clock();
    this.storedInputs = new InputStorage(environment.storage(), settings.inlineBytesMax());
  }

  /** Creates an execution. Some clients put the inputs into a deprecated field of the spec. */
  @SuppressWarnings("deprecation")
  public ExecutionCreateResponse createExecution(ExecutionCreateRequest request) {
    var spec = request.getSpec();
    OwnAnnotations.check(spec.getAnnotations());
    var inputs = request.hasInputs() ? request.getInputs() : spec.getInputs();
    return create(
        new Destination(request.getProject(), request.getDomain(), request.getName(), null),
        request.hasSpec() ? Optional.of(spec) : Optional.empty(),
        inputs);
  }

  /** Relaunches an execution with the inputs of its user. */
  public ExecutionCreateResponse relaunchExecution(ExecutionRelaunchRequest request) {
    var source = executions.find(request.getId());
    var id = source.accepted().id();
    var spec =
        StoredMessages.parse(ExecutionSpec.parser(), source.accepted().spec()).toBuilder()
            .setOverwriteCache(request.getOverwriteCache());
    spec.getMetadataBuilder()
        .setMode(ExecutionMode.RELAUNCH)
        .setReferenceExecution(ExecutionMessages.id(id));
    return create(
        new Destination(id.project(), id.domain(), request.getName(), source.accepted().number()),
        Optional.of(spec.build()),
        storedInputs.read(source.userInputs()));
  }

  /** Recovers an execution: runs it again, except for its succeeded nodes. */
  public ExecutionCreateResponse recoverExecution(ExecutionRecoverRequest request) {
    var source = executions.find(request.getId());
    var id = source.accepted().id();
    var spec = StoredMessages.parse(ExecutionSpec.parser(), source.accepted().spec()).toBuilder();
    spec.getMetadataBuilder()
        .setMode(ExecutionMode.RECOVERED)
        .setReferenceExecution(ExecutionMessages.id(id));
    if (request.getMetadata().hasParentNodeExecution()) {
      spec.getMetadataBuilder()
          .setParentNodeExecution(request.getMetadata().getParentNodeExecution());
    }
    return create(
        new Destination(id.project(), id.domain(), request.getName(), source.accepted().number()),
        Optional.of(spec.build()),
        storedInputs.read(source.userInputs()));
  }

  /**
   * Accepts an execution that a node of another execution starts.
   *
   * @return true if the execution was accepted; false if an execution of this name exists
   */
  boolean createChild(ExecutionCreateRequest request, NewExecution.Parent parent) {
    var metadata = request.getSpec().getMetadata();
    var validated =
        validate(
            new Destination(request.getProject(), request.getDomain(), request.getName(), null),
            request.getSpec(),
            new Inherited(parent, metadata.getPrincipal(), metadata.getNesting()),
            request.getInputs());
    var id = validated.destination().id(ExecutionNames.chosen(request.getName()));
    var accepted = accept(validated, true, id);
    accepted.ifPresent(this::start);
    return accepted.isPresent();
  }

  /**
   * The identity of a new execution.
   *
   * @param name the requested name; empty when the client requests none
   * @param source the number of the execution that is relaunched or recovered
   */
  private record Destination(String project, String domain, String name, @Nullable Long source) {
    ExecutionId id(String chosen) {
      return new ExecutionId(project, domain, chosen);
    }
  }

  /**
   * A checked execution, complete except for its name.
   *
   * @param given the user's inputs
   * @param inputs all inputs: the user's, defaults and fixed inputs
   * @param source the row number of the execution that it repeats, or whose results it reuses
   * @param mayWait whether the execution waits if its project has too many executions under way
   */
  private record ValidatedExecution(
      Destination destination,
      LaunchTarget target,
      ExecutionSpec spec,
      Inherited inherited,
      ExecutionSettings settings,
      @Nullable Long source,
      LiteralMap given,
      LiteralMap inputs,
      boolean mayWait) {}

  private ExecutionCreateResponse create(
      Destination destination, Optional<ExecutionSpec> given, LiteralMap inputs) {
    Identifiers.required(destination.project(), "project");
    Identifiers.required(destination.domain(), "domain");
    var spec = given.orElseThrow(() -> AdminException.missing("spec"));
    var validated = validate(destination, spec, parents.find(spec.getMetadata()), inputs);
    var project = destination.project();
    if (validated.mayWait() && queue.isFull(project)) {
      throw RetryHint.refusal(
          "as many executions of the project %s wait for their turn as may (turboprop.workflow.queued-max-per-project), because as many are under way as may (turboprop.workflow.executions-max-of-projects, executions-max-per-project)"
              .formatted(project));
    }
    var execution =
        destination.name().isEmpty()
            ? acceptUnderNewName(validated)
            : acceptUnderItsName(validated);
    if (validated.mayWait()) {
      startReleased(project);
    } else {
      start(execution);
    }
    return ExecutionCreateResponse.newBuilder().setId(ExecutionMessages.id(execution.id())).build();
  }

  /** Sets the reference of the new execution to the execution whose results are reused. */
  private ExecutionSpec withReference(Destination destination, ExecutionSpec given) {
    var earlier = given.getAnnotations().getValuesMap().get(Reuse.RECOMPUTE_FROM);
    if (earlier == null || given.getMetadata().getMode() == ExecutionMode.RECOVERED) {
      return given;
    }
    var reference = ExecutionMessages.id(destination.id(earlier));
    executions.find(reference);
    var changed = given.toBuilder();
    changed.getMetadataBuilder().setReferenceExecution(reference);
    return changed.build();
  }

  private ValidatedExecution validate(
      Destination destination, ExecutionSpec wanted, Inherited inherited, LiteralMap inputs) {
    var given = withReference(destination, wanted);
    var projectLabels = projects.activeLabels(destination.project(), destination.domain());
    given.getNotifications().getNotificationsList().forEach(LaunchPlanRules::checkNotification);
    var target = targets.find(given.getLaunchPlan());
    limits.check(target, !destination.name().isEmpty());
    var compiled = plans.get(target.planDigest());
    var config = configs.find(destination.project(), destination.domain(), target);
    var options =
        new ExecutionOptions(
            given, target.spec(), config, projectLabels, settings.parallelismMax());
    options.checkClusterPool(destination.project(), destination.domain());
    var spec =
        options.resolved().toBuilder()
            .setMetadata(metadata(given.getMetadata(), destination, inherited))
            .build();
    KubernetesLabels.check(spec.getLabels());
    var plain = storedInputs.plain(inputs);
    var merged =
        InputRules.merge(
            plain, target.expectedInputs(), storedInputs.plain(target.spec().getFixedInputs()));
    return new ValidatedExecution(
        destination,
        target,
        spec,
        inherited,
        settings(spec, compiled.interruptible()),
        destination.source() == null ? source(spec) : destination.source(),
        plain,
        merged,
        mayWait(destination, inherited, spec));
  }

  /**
   * The row number of the execution whose results an execution with these options reuses; null if
   * there is none. The retention keeps that execution until the new one has ended.
   */
  @Nullable Long source(ExecutionSpec spec) {
    return Reuse.of(spec)
        .flatMap(reuse -> executions.known(reuse.earlier()))
        .map(row -> row.accepted().number())
        .orElse(null);
  }

  /** The engine has no users yet, so only a parent execution sets the principal. */
  private static ExecutionMetadata metadata(
      ExecutionMetadata given, Destination destination, Inherited inherited) {
    var metadata =
        given.toBuilder().setPrincipal(inherited.principal()).setNesting(inherited.nesting());
    metadata
        .getSystemMetadataBuilder()
        .setNamespace(destination.project() + "-" + destination.domain());
    return metadata.build();
  }

  /**
   * The engine's settings of an execution with these options.
   *
   * @param interruptible whether the workflow declares that its nodes may be interrupted
   */
  ExecutionSettings settings(ExecutionSpec spec, boolean interruptible) {
    return new ExecutionSettings(
        spec.getMaxParallelism(),
        spec.hasInterruptible() ? spec.getInterruptible().getValue() : interruptible,
        settings.systemRetriesMax(),
        settings.attemptsMaxDefault(),
        settings.backOffMin(),
        settings.backOffMax(),
        settings.inlineBytesMax(),
        settings.elementsMax(),
        settings.nodesMax(),
        Reuse.of(spec).isPresent());
  }

  private AcceptedExecution acceptUnderNewName(ValidatedExecution validated) {
    for (int i = 0; i < NAMES_MAX; i++) {
      var execution = accept(validated, false, validated.destination().id(names.generated()));
      if (execution.isPresent()) {
        return execution.orElseThrow();
      }
    }
    throw new IllegalStateException(NAMES_MAX + " generated names in a row are taken");
  }

  private AcceptedExecution acceptUnderItsName(ValidatedExecution validated) {
    var id = validated.destination().id(ExecutionNames.chosen(validated.destination().name()));
    return accept(validated, true, id)
        .orElseThrow(() ->
            AdminException.alreadyExists(
                "value with matching already exists (execution %s)".formatted(id)));
  }

  private Optional<AcceptedExecution> accept(
      ValidatedExecution validated, boolean named, ExecutionId id) {
    var row = row(validated, id);
    var accepted = limits.accept(validated.target(), named, row);
    if (accepted.isPresent()) {
      storedInputs.restore(row.inputs(), validated.inputs());
      if (row.userInputs() instanceof Values given) {
        storedInputs.restore(given, validated.given());
      }
    }
    return accepted;
  }

  private NewExecution row(ValidatedExecution validated, ExecutionId id) {
    var metadata = validated.spec().getMetadata();
    var row =
        new NewExecution(
            id,
            validated.target().planDigest(),
            validated.target().launched(),
            validated.target().workflow(),
            validated.spec().toByteString(),
            storedInputs.write(id, validated.inputs()),
            validated.given().equals(validated.inputs())
                ? null
                : storedInputs.write(id, validated.given()),
            metadata.getModeValue(),
            metadata.getPrincipal(),
            validated.inherited().row(),
            validated.source(),
            validated.settings(),
            tags(validated.spec()),
            clock.instant(),
            false);
    return validated.mayWait() ? row.inQueue() : row;
  }

  /**
   * Whether the execution may have to wait for its turn. An execution that a node or an eager task
   * starts never waits: its parent is under way and waits for it, so the turn might never come.
   */
  private boolean mayWait(Destination destination, Inherited inherited, ExecutionSpec spec) {
    return queue.isLimited(destination.project())
        && inherited.row() == null
        && (destination.source() != null
            || !spec.getLabels().containsValues(NewExecution.EAGER_LABEL));
  }

  /** The labels and tags of an execution, by which clients can search. */
  static List<Tag> tags(ExecutionSpec spec) {
    return Stream.concat(
            spec.getLabels().getValuesMap().entrySet().stream()
                .map(label -> new Tag(label.getKey(), label.getValue())),
            spec.getTagsList().stream().map(tag -> new Tag(tag, "")))
        .toList();
  }

  /** The storage of the inputs of new executions. */
  InputStorage inputs() {
    return storedInputs;
  }

  /**
   * Starts the queued executions of the project that may run now. If that fails, the waker starts
   * them later.
   */
  private void startReleased(String project) {
    try {
      queue.release(project).forEach(workflows::start);
    } catch (RuntimeException e) {
      LOG.warn("the waker will start the queued executions of the project {} later", project, e);
    }
  }

  /** Starts an accepted execution. If that fails, the waker starts it later. */
  void start(AcceptedExecution execution) {
    try {
      accepted.accept(execution);
      workflows.start(execution.id());
    } catch (RuntimeException e) {
      LOG.warn("{} is accepted; the waker will start it later", execution.id(), e);
    }
  }
}
