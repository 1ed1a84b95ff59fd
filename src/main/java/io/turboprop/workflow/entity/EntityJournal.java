package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.entity.WorkflowJournal.Answer;
import io.turboprop.workflow.entity.WorkflowJournal.Decide;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * The journal of an entity, opened again after each failure: at most one is open, and what one that
 * was closed still answers is not believed.
 */
final class EntityJournal {
  private final ActorContext<?> context;
  private Optional<ActorRef<Decide>> open = Optional.empty();
  private boolean recovered;

  EntityJournal(ActorContext<?> context) {
    this.context = context;
  }

  /** Which journal it is; empty while none is open. */
  Optional<ActorRef<Decide>> current() {
    return open;
  }

  boolean isOpen() {
    return open.isPresent();
  }

  /** Whether it has been read, so that it can be written. */
  boolean isRecovered() {
    return recovered;
  }

  void open(Behavior<Decide> behavior) {
    var child = context.spawnAnonymous(behavior);
    context.watch(child);
    open = Optional.of(child);
    recovered = false;
  }

  void close() {
    open.ifPresent(context::stop);
    forget();
  }

  private void forget() {
    open = Optional.empty();
    recovered = false;
  }

  /** Whether this journal is the open one. */
  boolean is(ActorRef<Decide> journal) {
    return open.isPresent() && open.orElseThrow().equals(journal);
  }

  /** Takes note of an answer; whether it is to be believed. */
  boolean believes(Answer answer) {
    if (!is(answer.journal())) {
      return false;
    }
    recovered = true;
    return true;
  }

  void decide(List<WorkflowCommand> commands) {
    open.orElseThrow().tell(new Decide(commands));
  }

  /** Whether the child that has stopped was the open journal; then none is open any more. */
  boolean wasLostWith(ActorRef<Void> child) {
    var lost = open.filter(journal -> journal.equals(child)).isPresent();
    if (lost) {
      forget();
    }
    return lost;
  }
}
