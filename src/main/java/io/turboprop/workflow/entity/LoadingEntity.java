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

/** The entity reads which execution it is, what is unseen, and the plans. */
final class LoadingEntity extends EntityPhase {
  private static final Logger LOG = LoggerFactory.getLogger(LoadingEntity.class);

  /** Whether no message has come yet. */
  private boolean first;

  private LoadingEntity(EntityParts parts, boolean first) {
    super(parts);
    this.first = first;
  }

  /** The first phase: the shard has started the entity to deliver a message to it. */
  static Behavior<Message> first(EntityParts parts) {
    read(parts);
    return new LoadingEntity(parts, true);
  }

  /** Everything is read again. */
  static Behavior<Message> again(EntityParts parts) {
    read(parts);
    return new LoadingEntity(parts, false);
  }

  private static void read(EntityParts parts) {
    parts.loop.notifications().loading();
    parts.context.pipeToSelf(
        LoadedExecution.find(parts.environment.directory(), parts.id),
        (found, failure) -> failure == null ? new Loaded(found) : new LoadFailed(failure));
  }

  @Override
  Behavior<Message> on(Message message) {
    var startedBy = first;
    first = false;
    if (startedBy && message instanceof Activate) {
      // It was sent before the reading began, so it says nothing that is not read.
      return this;
    }
    return switch (message) {
      case Loaded(var found) -> loaded(found);
      case LoadFailed(var cause) -> retry("reading the execution", cause, parts.ownFailures);
      default -> onAny(message);
    };
  }

  private Behavior<Message> loaded(Optional<LoadedExecution> found) {
    if (found.isEmpty()) {
      LOG.info("there is nothing to be run");
      parts.loop.workers().become(List.of());
      return DrainingEntity.begin(parts, DrainingEntity.Why.NOTHING_TO_DO);
    }
    var execution = found.orElseThrow();
    parts.loop.notifications().found(execution.unseen());
    return RecoveringEntity.begin(parts, execution);
  }
}
