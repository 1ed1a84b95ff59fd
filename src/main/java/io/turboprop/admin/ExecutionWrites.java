package io.turboprop.admin;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.ExecutionOuterClass.ExecutionState;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateResponse;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import io.grpc.Status.Code;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.PlainUris;
import io.turboprop.data.Values;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.NewExecution;
import io.turboprop.workflow.AcceptedExecution;
import io.turboprop.workflow.ExecutionSettings;
import io.turboprop.workflow.Workflows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What clients do to executions (admin §4): create, relaunch, terminate, archive. A creation is
 * checked completely, then one insert is its acceptance; after that nothing is refused any more.
 */
final class ExecutionWrites {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionWrites.class);

  /**
   * What it needs of the rest of the engine.
   *
   * @param accepted told of every execution right after its acceptance
   * @param settings the engine's, for executions that say nothing else
   * @param inputBytesMax the largest inputs of an execution
   */
  record Environment(
      Projects projects,
      LaunchTargets targets,
      ExecutionTables tables,
      CompiledPlans plans,
      DataStore store,
      Layout layout,
      Workflows workflows,
      Consumer<AcceptedExecution> accepted,
      ExecutionSettings settings,
      long inputBytesMax,
      Clock clock) {}

  private final Environment environment;
  private final ExecutionNames names = new ExecutionNames();

  ExecutionWrites(Environment environment) {
    this.environment = environment;
  }

  ExecutionCreateResponse createExecution(ExecutionCreateRequest request) {
    if (!request.hasSpec()) {
      throw AdminException.missing("spec");
    }
    var inputs = request.hasInputs() ? request.getInputs() : request.getSpec().getInputs();
    return create(
        id(request.getProject(), request.getDomain(), request.getName()),
        request.getSpec(),
        inputs,
        Optional.empty());
  }

  ExecutionCreateResponse relaunchExecution(ExecutionRelaunchRequest request) {
    var source = find(request.getId());
    var spec = StoredMessages.parse(ExecutionSpec.parser(), source.accepted().spec()).toBuilder();
    spec.getMetadataBuilder()
        .setMode(ExecutionMode.RELAUNCH)
        .setReferenceExecution(request.getId());
    spec.setOverwriteCache(request.getOverwriteCache());
    return create(
        id(request.getId().getProject(), request.getId().getDomain(), request.getName()),
        spec.build(),
        literals(source.userInputs()).map(),
        Optional.of(source.accepted().number()));
  }

  ExecutionCreateResponse recoverExecution(ExecutionRecoverRequest request) {
    find(request.getId());
    throw new AdminException(
        Code.UNIMPLEMENTED,
        "RecoverExecution is not supported yet; RelaunchExecution runs all of it again");
  }

  private ExecutionId id(String project, String domain, String wanted) {
    Identifiers.required(project, "project");
    Identifiers.required(domain, "domain");
    var name = names.of(wanted);
    environment.projects().requireActive(project, domain);
    return new ExecutionId(project, domain, name);
  }

  private ExecutionCreateResponse create(
      ExecutionId id, ExecutionSpec given, LiteralMap inputs, Optional<Long> source) {
    var target = environment.targets().find(given.getLaunchPlan());
    var merged =
        ExecutionInputs.merge(
            plain(inputs), target.expectedInputs(), plain(target.spec().getFixedInputs()));
    var plan = environment.plans().get(target.planDigest());
    plan.plan()
        .unsupported()
        .ifPresent(
            what -> {
              throw new AdminException(
                  Code.UNIMPLEMENTED, "this workflow can't be executed yet: " + what);
            });
    var options =
        ExecutionOptions.resolve(
            given,
            target.spec(),
            plan.closure().getPrimary().getTemplate().getMetadataDefaults().getInterruptible(),
            environment.settings(),
            id.project() + "-" + id.domain());
    accept(id, target, options, inputs, merged, source);
    return ExecutionCreateResponse.newBuilder().setId(message(id)).build();
  }

  private LiteralMap plain(LiteralMap literals) {
    try {
      return PlainUris.in(new Literals(literals), environment.store()).map();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(
      ExecutionId id,
      LaunchTarget target,
      ExecutionOptions options,
      LiteralMap userInputs,
      LiteralMap inputs,
      Optional<Long> source) {
    var execution =
        new NewExecution(
            id,
            target.planDigest(),
            target.launched(),
            target.workflow(),
            options.spec().toByteString(),
            values(id, "inputs", inputs),
            userInputs.equals(inputs) ? null : values(id, "user_inputs", userInputs),
            options.spec().getMetadata().getModeValue(),
            "",
            null,
            source.orElse(null),
            options.settings(),
            tags(options.spec()),
            environment.clock().instant());
    var accepted =
        environment
            .tables()
            .accept(execution)
            .orElseThrow(
                () ->
                    AdminException.alreadyExists(
                        "execution with matching already exists (%s)".formatted(id)));
    environment.accepted().accept(accepted);
    environment.workflows().start(id);
    LOG.debug("{} is accepted as number {}", id, accepted.number());
  }

  private static List<NewExecution.Tag> tags(ExecutionSpec spec) {
    var tags = new ArrayList<NewExecution.Tag>();
    spec.getLabels()
        .getValuesMap()
        .forEach((key, value) -> tags.add(new NewExecution.Tag(key, value)));
    spec.getTagsList().forEach(tag -> tags.add(new NewExecution.Tag(tag, "")));
    return tags;
  }

  /**
   * Small inputs are kept in the row. Large ones are written first, to a place of their own, so that
   * a second request with the same name does no harm to the first.
   */
  private Values values(ExecutionId id, String what, LiteralMap map) {
    var literals = new Literals(map);
    if (literals.sizeBytes() <= environment.settings().inlineBytesMax()) {
      return new Values.Inline(literals);
    }
    if (literals.sizeBytes() > environment.inputBytesMax()) {
      throw AdminException.invalidArgument(
          "the inputs have %d bytes; the limit is %d"
              .formatted(literals.sizeBytes(), environment.inputBytesMax()));
    }
    var reference =
        environment.layout().execution(id).child(what).child(UUID.randomUUID() + ".pb");
    try {
      environment.store().write(reference, literals.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Values.Stored(reference);
  }

  private Literals literals(Values values) {
    try {
      return switch (values) {
        case Values.Inline(var literals) -> literals;
        case Values.Stored(var reference) ->
            Literals.parse(environment.store().read(reference, environment.inputBytesMax()));
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ExecutionTerminateResponse terminateExecution(ExecutionTerminateRequest request) {
    var row = find(request.getId());
    var asked =
        environment
            .tables()
            .requestAbort(
                row.accepted().number(), request.getCause(), "", environment.clock().instant());
    if (!asked) {
      throw ExecutionPhases.alreadyEnded(find(request.getId()));
    }
    environment
        .workflows()
        .abort(row.accepted().id(), request.getCause())
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                LOG.warn("{} will hear of its abort later", row.accepted().id(), failure);
              }
            });
    return ExecutionTerminateResponse.getDefaultInstance();
  }

  ExecutionUpdateResponse updateExecution(ExecutionUpdateRequest request) {
    var row = find(request.getId());
    environment
        .tables()
        .archive(
            row.accepted().number(),
            request.getState() == ExecutionState.EXECUTION_ARCHIVED,
            "",
            environment.clock().instant());
    return ExecutionUpdateResponse.getDefaultInstance();
  }

  private ExecutionRow find(WorkflowExecutionIdentifier id) {
    Identifiers.required(id.getProject(), "project");
    Identifiers.required(id.getDomain(), "domain");
    Identifiers.required(id.getName(), "name");
    var key = new ExecutionId(id.getProject(), id.getDomain(), id.getName());
    return environment
        .tables()
        .find(key)
        .orElseThrow(
            () ->
                AdminException.notFound(
                    "missing entity of type execution with identifier " + key));
  }

  private static WorkflowExecutionIdentifier message(ExecutionId id) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .build();
  }
}
