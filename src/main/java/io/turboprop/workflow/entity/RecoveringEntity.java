package io.turboprop.workflow.entity;

import io.turboprop.workflow.entity.WorkflowEntity.FromJournal;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** The phase in which the entity's journal is being read. */
final class RecoveringEntity extends EntityPhase {
  private final LoadedExecution loaded;
  private final ActorRef<WorkflowJournal.Decide> journal;

  private RecoveringEntity(
      EntityContext entity, LoadedExecution loaded, ActorRef<WorkflowJournal.Decide> journal) {
    super(entity);
    this.loaded = loaded;
    this.journal = journal;
  }

  static Behavior<Message> begin(EntityContext entity, LoadedExecution loaded) {
    var journal =
        entity.context.spawnAnonymous(
            WorkflowJournal.create(
                entity.id,
                entity.context.messageAdapter(WorkflowJournal.Answer.class, FromJournal::new),
                loaded.plans(),
                entity.environment.snapshots().apply(loaded.plans()),
                entity.environment.clock(),
                loaded.execution().publishedThrough() == 0));
    entity.context.watch(journal);
    return new RecoveringEntity(entity, loaded, journal);
  }

  @Override
  Behavior<Message> on(Message message) {
    return switch (message) {
      case FromJournal(WorkflowJournal.Recovered recovered)
          when recovered.journal().equals(journal) ->
          ActiveEntity.begin(entity, loaded, recovered);
      default -> onAny(message);
    };
  }

  @Override
  Behavior<Message> onChildGone(ActorRef<Void> child, Throwable cause) {
    return journal.equals(child)
        ? retry("reading the journal", cause, entity.ownFailures)
        : super.onChildGone(child, cause);
  }

  /** Stops the journal; its later messages are ignored. */
  @Override
  void close() {
    entity.context.stop(journal);
  }
}
