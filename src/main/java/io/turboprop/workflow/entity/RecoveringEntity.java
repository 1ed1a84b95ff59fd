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
      EntityParts parts, LoadedExecution loaded, ActorRef<WorkflowJournal.Decide> journal) {
    super(parts);
    this.loaded = loaded;
    this.journal = journal;
  }

  static Behavior<Message> begin(EntityParts parts, LoadedExecution loaded) {
    var journal =
        parts.context.spawnAnonymous(
            WorkflowJournal.create(
                parts.id,
                parts.context.messageAdapter(WorkflowJournal.Answer.class, FromJournal::new),
                loaded.plans(),
                parts.environment.snapshots().apply(loaded.plans()),
                parts.environment.clock(),
                loaded.execution().publishedThrough() == 0));
    parts.context.watch(journal);
    return new RecoveringEntity(parts, loaded, journal);
  }

  @Override
  Behavior<Message> on(Message message) {
    return switch (message) {
      case FromJournal(WorkflowJournal.Recovered recovered)
          when recovered.journal().equals(journal) ->
          ActiveEntity.begin(parts, loaded, recovered);
      default -> onAny(message);
    };
  }

  @Override
  Behavior<Message> onChildGone(ActorRef<Void> child, Throwable cause) {
    return journal.equals(child)
        ? retry("reading the journal", cause, parts.ownFailures)
        : super.onChildGone(child, cause);
  }

  /** Stops the journal; its later messages are ignored. */
  @Override
  void close() {
    parts.context.stop(journal);
  }
}
