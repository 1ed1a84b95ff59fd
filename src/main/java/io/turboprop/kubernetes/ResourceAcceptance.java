package io.turboprop.kubernetes;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.compiler.ClosureDigest;
import io.turboprop.compiler.PlanBuilder;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Outage;
import io.turboprop.resource.FlyteWorkflow;
import io.turboprop.resource.MalformedResourceException;
import io.turboprop.resource.ResourceClosure;
import io.turboprop.resource.ResourceOptions;
import io.turboprop.resource.ResourceReader;
import io.turboprop.store.NewExecution;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.ResourceTables.Acceptance;
import io.turboprop.store.ResourceTables.NewResource;
import io.turboprop.store.ResourceTables.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/**
 * Makes executions of resources. All of a resource is checked before anything is written; then its
 * execution and its own row are one transaction.
 */
final class ResourceAcceptance {
  private static final String BAD_SPECIFICATION = "BadSpecificationError";
  private static final int NAME_LENGTH_MAX = 63;
  private static final int UID_LENGTH = 8;

  private final ResourceTables tables;
  private final ResourceExecutions executions;
  private final BlobStorage storage;
  private final Clock clock;

  ResourceAcceptance(
      ResourceTables tables, ResourceExecutions executions, BlobStorage storage, Clock clock) {
    this.tables = tables;
    this.executions = executions;
    this.storage = storage;
    this.clock = clock;
  }

  /**
   * Accepts a resource, and has its execution begin; does nothing if it is an execution already. An
   * execution that FlytePropeller has begun reuses the nodes that have succeeded.
   *
   * @param begun whether FlytePropeller has begun it, and its status says how far it is
   * @throws IOException when something can't be read or stored for now
   * @throws RefusedResourceException when the resource can't run
   */
  void accept(Resource resource, JsonObject document, boolean begun)
      throws IOException, RefusedResourceException {
    var status = document.remove("status");
    var text = document.toString();
    var size = text.getBytes(StandardCharsets.UTF_8).length;
    var workflow = read(text);
    var closure = closure(workflow);
    requirePlan(closure);
    var inputs = inputs(workflow);
    var spec = ResourceOptions.of(workflow);
    var id = id(resource, workflow);
    var row =
        new NewResource(
            resource,
            size,
            closure.toByteString(),
            begun && status != null ? status.toString() : null);
    for (var name : names(resource, id)) {
      var options = begun ? reusing(name, spec) : spec;
      var execution = execution(name, workflow, closure, options, inputs);
      switch (tables.accept(row, execution)) {
        case Acceptance.Accepted(var accepted) -> {
          executions.start(accepted, inputs);
          return;
        }
        case Acceptance.Known _ -> {
          return;
        }
        case Acceptance.NameTaken _ -> {}
      }
    }
    throw refusal(BAD_SPECIFICATION, "an execution %s exists already".formatted(id));
  }

  private static FlyteWorkflow read(String text) throws RefusedResourceException {
    try {
      return ResourceReader.read(text);
    } catch (MalformedResourceException e) {
      throw refusal(e);
    }
  }

  private CompiledWorkflowClosure closure(FlyteWorkflow workflow)
      throws IOException, RefusedResourceException {
    var reference = workflow.workflowClosureReference();
    if (reference.isEmpty()) {
      try {
        return ResourceClosure.of(workflow);
      } catch (MalformedResourceException e) {
        throw refusal(e);
      }
    }
    try {
      return CompiledWorkflowClosure.parseFrom(
          load(reference, "workflowClosureReference", "WorkflowClosureReadFailure"));
    } catch (InvalidProtocolBufferException _) {
      throw refusal(
          "WorkflowClosureReadFailure",
          "workflowClosureReference: %s holds no compiled workflow".formatted(reference));
    }
  }

  /** Fails for a workflow that the engine can't run, which would only be seen later. */
  private static void requirePlan(CompiledWorkflowClosure closure) throws RefusedResourceException {
    try {
      var _ = PlanBuilder.build(ClosureDigest.of(closure), closure);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw refusal(BAD_SPECIFICATION, "the workflow can't run: " + e.getMessage());
    }
  }

  private LiteralMap inputs(FlyteWorkflow workflow) throws IOException, RefusedResourceException {
    var reference = workflow.offloadedInputs();
    if (reference.isEmpty()) {
      return workflow.inputs().orElse(LiteralMap.getDefaultInstance());
    }
    if (workflow.inputs().isPresent()) {
      throw refusal(
          BAD_SPECIFICATION, "inputs and offloadedInputs are both set, and may not be: remove one");
    }
    try {
      return LiteralMap.parseFrom(load(reference, "offloadedInputs", "OffloadedInputsReadFailure"));
    } catch (InvalidProtocolBufferException _) {
      throw refusal(
          "OffloadedInputsReadFailure", "offloadedInputs: %s holds no inputs".formatted(reference));
    }
  }

  private ByteString load(String reference, String place, String code)
      throws IOException, RefusedResourceException {
    try {
      return storage.store().read(new DataReference(reference), storage.valueBytesMax());
    } catch (IOException | IllegalArgumentException e) {
      if (Outage.isCauseOf(e)) {
        throw new IOException("%s: %s can't be read now".formatted(place, reference), e);
      }
      throw refusal(code, "%s: %s can't be read: %s".formatted(place, reference, e.getMessage()));
    }
  }

  /**
   * The execution's identifier; for a resource that FlyteAdmin has not made, the identifier is made
   * of the resource's own name, which Kubernetes has checked.
   */
  private static ExecutionId id(Resource resource, FlyteWorkflow workflow)
      throws RefusedResourceException {
    var given = workflow.executionId().orElse(WorkflowExecutionIdentifier.getDefaultInstance());
    if (!given.getName().isEmpty()) {
      requirePlace("executionId.project", given.getProject());
      requirePlace("executionId.domain", given.getDomain());
      if (!ExecutionId.isName(given.getName())) {
        throw refusal(
            BAD_SPECIFICATION,
            "executionId.name: '%s' is no name of an execution".formatted(given.getName())
                + ", which has 1 to 63 lower case letters, digits and dashes"
                + ", and begins with a letter");
      }
      return new ExecutionId(given.getProject(), given.getDomain(), given.getName());
    }
    var parts = workflow.spec().map(spec -> spec.id().split(":", 3)).orElse(new String[0]);
    if (parts.length < 3) {
      return new ExecutionId(resource.namespace(), "", resource.name());
    }
    requirePlace("spec.id", parts[0]);
    requirePlace("spec.id", parts[1]);
    return new ExecutionId(parts[0], parts[1], resource.name());
  }

  private static void requirePlace(String field, String value) throws RefusedResourceException {
    if (!ExecutionId.isPlace(value)) {
      throw refusal(
          BAD_SPECIFICATION,
          "%s: '%s' is no project or domain".formatted(field, value)
              + ", which has 1 to 63 letters, digits, dashes, dots and underscores"
              + ", and begins with a letter or a digit");
    }
  }

  /**
   * The names to try: a resource that was deleted and made again has the name of the execution that
   * was made of it before. Then the name gets a part that is this resource's own.
   */
  private static List<ExecutionId> names(Resource resource, ExecutionId id) {
    var end = "-" + head(resource.uid(), UID_LENGTH);
    var own = head(id.name(), NAME_LENGTH_MAX - end.length()) + end;
    return List.of(id, new ExecutionId(id.project(), id.domain(), own));
  }

  private static String head(String text, int length) {
    return text.substring(0, Math.min(text.length(), length));
  }

  /** The options of an execution that looks its nodes up under its own name. */
  private static ExecutionSpec reusing(ExecutionId id, ExecutionSpec spec) {
    var options = spec.toBuilder();
    options
        .getMetadataBuilder()
        .setMode(ExecutionMode.RECOVERED)
        .setReferenceExecution(
            WorkflowExecutionIdentifier.newBuilder()
                .setProject(id.project())
                .setDomain(id.domain())
                .setName(id.name()));
    return options.build();
  }

  private NewExecution execution(
      ExecutionId id,
      FlyteWorkflow workflow,
      CompiledWorkflowClosure closure,
      ExecutionSpec spec,
      LiteralMap inputs)
      throws IOException, RefusedResourceException {
    var workflowId =
        EntityId.of(closure.getPrimary().getTemplate().getId(), EntityId.Kind.WORKFLOW);
    try {
      return new NewExecution(
          id,
          ClosureDigest.of(closure),
          new EntityId(
              EntityId.Kind.LAUNCH_PLAN,
              workflowId.project(),
              workflowId.domain(),
              workflowId.name(),
              workflowId.version()),
          workflowId,
          spec.toByteString(),
          executions.storeInputs(id, inputs),
          null,
          spec.getMetadata().getModeValue(),
          "",
          null,
          executions.source(spec),
          executions.settings(spec, closure),
          executions.tags(spec),
          workflow.acceptedAt().map(ResourceAcceptance::instant).orElseGet(clock::instant),
          false);
    } catch (IllegalArgumentException e) {
      throw refusal(BAD_SPECIFICATION, "inputs: " + e.getMessage());
    }
  }

  private static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  private static RefusedResourceException refusal(MalformedResourceException malformed) {
    return refusal(BAD_SPECIFICATION, String.valueOf(malformed.getMessage()));
  }

  /** A refusal with an error of kind SYSTEM, as FlytePropeller's errors before a workflow runs. */
  private static RefusedResourceException refusal(String code, String message) {
    return new RefusedResourceException(ExecutionError.system(code, message));
  }
}
