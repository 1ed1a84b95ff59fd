package io.turboprop.workflow.entity;

import io.turboprop.workflow.entity.WorkflowEntity.Activate;
import io.turboprop.workflow.entity.WorkflowEntity.LoadFailed;
import io.turboprop.workflow.entity.WorkflowEntity.Loaded;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The phase in which the entity loads its execution, the requests and signals that the journal does
 * not contain yet, and the plans.
 */
final class LoadingEntity extends EntityPhase {
  private static final Logger LOG = LoggerFactory.getLogger(LoadingEntity.class);

  /** Whether the entity has handled no message yet. */
  private boolean first;

  private LoadingEntity(EntityContext entity, boolean first) {
    super(entity);
    this.first = first;
  }

  /** The first phase: the shard has started the entity to deliver a message to it. */
  static Behavior<Message> first(EntityContext entity) {
    read(entity);
    return new LoadingEntity(entity, true);
  }

  /** The phase after a failure: everything is loaded again. */
  static Behavior<Message> again(EntityContext entity) {
    read(entity);
    return new LoadingEntity(entity, false);
  }

  private static void read(EntityContext entity) {
    entity.loop.notifications().loading();
    entity.context.pipeToSelf(
        LoadedExecution.find(entity.environment.directory(), entity.id, entity.reservation),
        (found, failure) -> failure == null ? new Loaded(found) : new LoadFailed(failure));
  }

  @Override
  Behavior<Message> on(Message message) {
    var startedBy = first;
    first = false;
    if (startedBy && message instanceof Activate) {
      // The row behind this activation was written before the loading began, so the loading finds
      // it.
      return this;
    }
    return switch (message) {
      case Loaded(var found) -> loaded(found);
      case LoadFailed(var cause) -> retry("reading the execution", cause, entity.ownFailures);
      default -> {
        admitIfAborted();
        yield onAny(message);
      }
    };
  }

  /**
   * Lets an aborted execution load without waiting for a reservation. The message may be the
   * notification of the abort, so the abort is read from the table.
   */
  private void admitIfAborted() {
    if (entity.reservation.isWaiting()) {
      var _ =
          entity
              .environment
              .directory()
              .find(entity.id)
              .thenAccept(found ->
                  found
                      .flatMap(execution -> execution.unseen().abortCause())
                      .ifPresent(_ -> entity.reservation.admitForAbort()))
              .exceptionally(failure -> {
                LOG.warn("{}: whether it is aborted can't be read now", entity.id, failure);
                return null;
              });
    }
  }

  private Behavior<Message> loaded(Optional<LoadedExecution> found) {
    if (found.isEmpty()) {
      LOG.info("there is no execution to run");
      entity.loop.workers().reconcile(List.of());
      return DrainingEntity.begin(entity, DrainingEntity.Reason.NOTHING_TO_DO);
    }
    var execution = found.orElseThrow();
    entity.loop.notifications().found(execution.unseen());
    return RecoveringEntity.begin(entity, execution);
  }
}
