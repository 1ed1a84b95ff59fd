package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.FLYTE_WORKFLOW_RESOURCE;
import static io.turboprop.store.jooq.Tables.NODE_EXECUTION;
import static io.turboprop.store.jooq.Tables.TASK_EXECUTION;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.jooq.tables.NodeExecution;
import io.turboprop.store.jooq.tables.records.FlyteWorkflowResourceRecord;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The FlyteWorkflow resources that have become executions, one row for each, with the step of the
 * execution that the resource's status shows.
 */
public final class ResourceTables {
  /** The phases of {@code flyteidl.core.NodeExecution.Phase} in which a node has ended. */
  private static final List<Integer> ENDED_NODE = List.of(3, 5, 6, 7, 8, 10);

  private final Database database;

  public ResourceTables(Database database) {
    this.database = database;
  }

  /**
   * A resource.
   *
   * @param uid the {@code metadata.uid} of Kubernetes, which is never used twice
   */
  public record Resource(String uid, String namespace, String name) {}

  /**
   * A resource that is about to become an execution.
   *
   * @param sizeBytes the size of the document without its status
   * @param closure the source of the execution's plan: a serialized {@code
   *     flyteidl.core.CompiledWorkflowClosure}
   * @param begun the status that FlytePropeller has written, as JSON; null if FlytePropeller has
   *     not begun the execution
   */
  public record NewResource(
      Resource resource, int sizeBytes, ByteString closure, @Nullable String begun) {}

  /** The result of accepting a resource. */
  public sealed interface Acceptance {
    /** The resource is an execution from now on. */
    record Accepted(AcceptedExecution execution) implements Acceptance {}

    /** The resource is an execution already; nothing is changed. */
    record Known() implements Acceptance {}

    /** Another execution has this name; nothing is changed. */
    record NameTaken() implements Acceptance {}
  }

  /**
   * A resource and its execution.
   *
   * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
   * @param ended whether the execution has ended
   * @param finished whether the last status is written to the resource
   */
  public record Known(
      Resource resource, ExecutionId execution, int phase, boolean ended, boolean finished) {}

  /**
   * A resource whose status is behind its execution.
   *
   * @param through the step of the journal that the rows of the execution show
   * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
   * @param parked why the engine has parked the execution; null if it is not parked
   */
  public record Behind(
      Resource resource,
      int sizeBytes,
      long number,
      ExecutionId execution,
      String planDigest,
      long through,
      int phase,
      boolean ended,
      Timestamps moments,
      @Nullable Values outputs,
      @Nullable ExecutionError error,
      @Nullable String abortCause,
      @Nullable String parked) {}

  /**
   * A node for the status of a resource; fields are null if the node has no such value, or has none
   * yet.
   *
   * @param parentId the id of the node around it; null in the root graph
   * @param phase a number of {@code flyteidl.core.NodeExecution.Phase}
   * @param attempt from 0
   * @param taskPhase a number of {@code flyteidl.core.TaskExecution.Phase}
   */
  public record StatusNode(
      String nodeId,
      NodePath path,
      @Nullable String parentId,
      int phase,
      int attempt,
      Timestamps moments,
      @Nullable ExecutionError error,
      @Nullable Integer taskPhase,
      int taskPhaseVersion) {}

  /** A resource and its execution; empty if the resource has not become an execution. */
  public Optional<Known> find(String uid) {
    return known(FLYTE_WORKFLOW_RESOURCE.UID.eq(uid)).stream().findFirst();
  }

  /** The resource of an execution; empty if the execution has none. */
  public Optional<Resource> of(ExecutionId id) {
    return known(
            EXECUTION
                .PROJECT
                .eq(id.project())
                .and(EXECUTION.DOMAIN.eq(id.domain()))
                .and(EXECUTION.NAME.eq(id.name())))
        .stream()
        .map(Known::resource)
        .findFirst();
  }

  /** The resources whose last status is not written yet. */
  public List<Known> unfinished() {
    return known(DSL.not(DSL.condition(FLYTE_WORKFLOW_RESOURCE.FINISHED)));
  }

  /**
   * The status of FlytePropeller from which the execution was taken over, as JSON; empty for
   * executions that this engine has begun.
   */
  public Optional<String> begun(ExecutionId id) {
    return database
        .sql()
        .select(FLYTE_WORKFLOW_RESOURCE.BEGUN)
        .from(FLYTE_WORKFLOW_RESOURCE)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(FLYTE_WORKFLOW_RESOURCE.EXECUTION_NUMBER))
        .where(
            EXECUTION.PROJECT.eq(id.project()),
            EXECUTION.DOMAIN.eq(id.domain()),
            EXECUTION.NAME.eq(id.name()),
            FLYTE_WORKFLOW_RESOURCE.BEGUN.isNotNull())
        .fetchOptional(FLYTE_WORKFLOW_RESOURCE.BEGUN);
  }

  /** How many executions of resources have not ended. */
  public int running() {
    return database
        .sql()
        .fetchCount(
            FLYTE_WORKFLOW_RESOURCE
                .join(EXECUTION)
                .on(EXECUTION.NUMBER.eq(FLYTE_WORKFLOW_RESOURCE.EXECUTION_NUMBER)),
            DSL.not(DSL.condition(FLYTE_WORKFLOW_RESOURCE.FINISHED)),
            DSL.not(DSL.condition(EXECUTION.FINAL)));
  }

  private List<Known> known(Condition condition) {
    return database
        .sql()
        .select(
            FLYTE_WORKFLOW_RESOURCE.UID,
            FLYTE_WORKFLOW_RESOURCE.NAMESPACE,
            FLYTE_WORKFLOW_RESOURCE.NAME,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.PHASE,
            EXECUTION.FINAL,
            FLYTE_WORKFLOW_RESOURCE.FINISHED)
        .from(FLYTE_WORKFLOW_RESOURCE)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(FLYTE_WORKFLOW_RESOURCE.EXECUTION_NUMBER))
        .where(condition)
        .fetch(row ->
            new Known(
                new Resource(row.value1(), row.value2(), row.value3()),
                new ExecutionId(row.value4(), row.value5(), row.value6()),
                row.value7(),
                row.value8(),
                row.value9()));
  }

  /**
   * Accepts a resource as an execution, unless it is one already. When this returns {@code
   * Accepted}, the execution is durable and will be executed.
   */
  public Acceptance accept(NewResource resource, NewExecution execution) {
    return database.transaction(transaction -> accept(transaction, resource, execution));
  }

  private static Acceptance accept(
      DSLContext transaction, NewResource resource, NewExecution execution) {
    PlanTables.store(transaction, execution.planDigest(), resource.closure());
    var accepted = AcceptanceTables.accept(transaction, execution);
    if (accepted.isEmpty()) {
      // A concurrent call that accepted this resource has taken the name, too.
      return isKnown(transaction, resource.resource())
          ? new Acceptance.Known()
          : new Acceptance.NameTaken();
    }
    insert(transaction, resource, execution, accepted.orElseThrow());
    return new Acceptance.Accepted(accepted.orElseThrow());
  }

  private static boolean isKnown(DSLContext transaction, Resource resource) {
    return transaction.fetchExists(
        FLYTE_WORKFLOW_RESOURCE, FLYTE_WORKFLOW_RESOURCE.UID.eq(resource.uid()));
  }

  /** Fails if the resource is an execution already; the whole transaction is then rolled back. */
  private static void insert(
      DSLContext transaction,
      NewResource resource,
      NewExecution execution,
      AcceptedExecution accepted) {
    FlyteWorkflowResourceRecord row = transaction.newRecord(FLYTE_WORKFLOW_RESOURCE);
    row.setUid(resource.resource().uid());
    row.setNamespace(resource.resource().namespace());
    row.setName(resource.resource().name());
    row.setExecutionNumber(accepted.number());
    row.setPlanDigest(execution.planDigest());
    row.setSizeBytes(resource.sizeBytes());
    row.setBegun(resource.begun() instanceof String begun ? Rows.withoutNul(begun) : null);
    row.insert();
  }

  /**
   * Resources whose status is behind their execution, the oldest executions first.
   *
   * @param without the uids of resources that are left out
   */
  public List<Behind> behind(Collection<String> without, int limit) {
    return database
        .sql()
        .select(
            FLYTE_WORKFLOW_RESOURCE.UID,
            FLYTE_WORKFLOW_RESOURCE.NAMESPACE,
            FLYTE_WORKFLOW_RESOURCE.NAME,
            FLYTE_WORKFLOW_RESOURCE.SIZE_BYTES,
            EXECUTION.NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.PLAN_DIGEST,
            EXECUTION.PUBLISHED_THROUGH,
            EXECUTION.PHASE,
            EXECUTION.FINAL,
            EXECUTION.ACCEPTED_AT,
            EXECUTION.STARTED_AT,
            EXECUTION.UPDATED_AT,
            EXECUTION.ENDED_AT,
            EXECUTION.OUTPUTS,
            EXECUTION.OUTPUTS_URI,
            EXECUTION.ERROR_CODE,
            EXECUTION.ERROR_MESSAGE,
            EXECUTION.ERROR_KIND,
            EXECUTION.ABORT_CAUSE,
            EXECUTION.PARKED_REASON)
        .from(FLYTE_WORKFLOW_RESOURCE)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(FLYTE_WORKFLOW_RESOURCE.EXECUTION_NUMBER))
        .where(
            DSL.not(DSL.condition(FLYTE_WORKFLOW_RESOURCE.FINISHED)),
            DSL.condition(EXECUTION.FINAL)
                .or(FLYTE_WORKFLOW_RESOURCE.STATUS_THROUGH.ne(EXECUTION.PUBLISHED_THROUGH))
                .or(FLYTE_WORKFLOW_RESOURCE.STATUS_PHASE.ne(statusPhase())),
            FLYTE_WORKFLOW_RESOURCE.UID.ne(DSL.all(without.toArray(String[]::new))))
        .orderBy(EXECUTION.NUMBER)
        .limit(limit)
        .fetch(ResourceTables::behind);
  }

  private static Behind behind(Record row) {
    return new Behind(
        new Resource(
            row.get(FLYTE_WORKFLOW_RESOURCE.UID),
            row.get(FLYTE_WORKFLOW_RESOURCE.NAMESPACE),
            row.get(FLYTE_WORKFLOW_RESOURCE.NAME)),
        row.get(FLYTE_WORKFLOW_RESOURCE.SIZE_BYTES),
        row.get(EXECUTION.NUMBER),
        new ExecutionId(
            row.get(EXECUTION.PROJECT), row.get(EXECUTION.DOMAIN), row.get(EXECUTION.NAME)),
        row.get(EXECUTION.PLAN_DIGEST),
        row.get(EXECUTION.PUBLISHED_THROUGH),
        row.get(EXECUTION.PHASE),
        row.get(EXECUTION.FINAL),
        new Timestamps(
            row.get(EXECUTION.ACCEPTED_AT),
            row.get(EXECUTION.STARTED_AT),
            row.get(EXECUTION.UPDATED_AT),
            row.get(EXECUTION.ENDED_AT)),
        Rows.values(row.get(EXECUTION.OUTPUTS), row.get(EXECUTION.OUTPUTS_URI)),
        Rows.error(
            row.get(EXECUTION.ERROR_CODE),
            row.get(EXECUTION.ERROR_MESSAGE),
            row.get(EXECUTION.ERROR_KIND)),
        row.get(EXECUTION.ABORT_CAUSE),
        row.get(EXECUTION.PARKED_REASON));
  }

  /**
   * The value of the column {@code status_phase}: the phase, or {@code -phase - 2} while the
   * execution is parked.
   */
  private static Field<Integer> statusPhase() {
    return DSL.when(EXECUTION.PARKED_REASON.isNotNull(), EXECUTION.PHASE.neg().minus(2))
        .otherwise(EXECUTION.PHASE);
  }

  /** Records that the status of a resource, as {@link #behind} has read it, is written. */
  public void statusWritten(Behind written, boolean finished) {
    database
        .sql()
        .update(FLYTE_WORKFLOW_RESOURCE)
        .set(FLYTE_WORKFLOW_RESOURCE.STATUS_THROUGH, written.through())
        .set(
            FLYTE_WORKFLOW_RESOURCE.STATUS_PHASE,
            written.parked() == null ? written.phase() : -written.phase() - 2)
        .set(FLYTE_WORKFLOW_RESOURCE.FINISHED, finished)
        .where(FLYTE_WORKFLOW_RESOURCE.UID.eq(written.resource().uid()))
        .execute();
  }

  /**
   * The nodes of an execution that its status shows; nodes inside of ended nodes are left out.
   * Failed nodes come first, then nodes under way, then the others; within each group the latest
   * first.
   */
  public List<StatusNode> nodes(long execution, int limit) {
    var parent = NODE_EXECUTION.as("parent");
    return database
        .sql()
        .select(
            NODE_EXECUTION.NODE_ID,
            NODE_EXECUTION.PATH,
            NODE_EXECUTION.PARENT_ID,
            NODE_EXECUTION.PHASE,
            NODE_EXECUTION.ATTEMPT,
            NODE_EXECUTION.CREATED_AT,
            NODE_EXECUTION.STARTED_AT,
            NODE_EXECUTION.UPDATED_AT,
            NODE_EXECUTION.ENDED_AT,
            NODE_EXECUTION.ERROR_CODE,
            NODE_EXECUTION.ERROR_MESSAGE,
            NODE_EXECUTION.ERROR_KIND,
            TASK_EXECUTION.PHASE,
            TASK_EXECUTION.PHASE_VERSION)
        .from(NODE_EXECUTION)
        .leftJoin(parent)
        .on(isAround(parent))
        .leftJoin(TASK_EXECUTION)
        .on(
            TASK_EXECUTION.EXECUTION_NUMBER.eq(NODE_EXECUTION.EXECUTION_NUMBER),
            TASK_EXECUTION.NODE_ID.eq(NODE_EXECUTION.NODE_ID),
            TASK_EXECUTION.ATTEMPT.eq(NODE_EXECUTION.ATTEMPT))
        .where(NODE_EXECUTION.EXECUTION_NUMBER.eq(execution), isShown(parent))
        .orderBy(
            DSL.when(NODE_EXECUTION.ERROR_CODE.isNotNull(), 0)
                .when(NODE_EXECUTION.ENDED_AT.isNull(), 1)
                .otherwise(2),
            NODE_EXECUTION.UPDATED_AT.desc(),
            NODE_EXECUTION.NODE_ID)
        .limit(limit)
        .fetch(row ->
            new StatusNode(
                row.value1(),
                new NodePath(row.value2()),
                row.value3(),
                row.value4(),
                row.value5(),
                new Timestamps(row.value6(), row.value7(), row.value8(), row.value9()),
                Rows.error(row.value10(), row.value11(), row.value12()),
                row.value13(),
                row.value14() == null ? 0 : row.value14()));
  }

  /** How many nodes {@link #nodes} finds without a limit. */
  public int nodeCount(long execution) {
    var parent = NODE_EXECUTION.as("parent");
    return database
        .sql()
        .fetchCount(
            NODE_EXECUTION.leftJoin(parent).on(isAround(parent)),
            NODE_EXECUTION.EXECUTION_NUMBER.eq(execution),
            isShown(parent));
  }

  private static Condition isAround(NodeExecution parent) {
    return parent
        .EXECUTION_NUMBER
        .eq(NODE_EXECUTION.EXECUTION_NUMBER)
        .and(parent.NODE_ID.eq(NODE_EXECUTION.PARENT_ID));
  }

  private static Condition isShown(NodeExecution parent) {
    return NODE_EXECUTION.PARENT_ID.isNull().or(parent.PHASE.notIn(ENDED_NODE));
  }
}
