package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The commands of an entity: those that wait, and those that are being decided and written.
 * Commands that arrive during a write are collected for the next one.
 */
final class Inbox {
  private record Pending(WorkflowCommand command, Optional<ActorRef<Reply>> client) {}

  /** The most commands of one turn; the others wait for the next one. */
  static final int TURN_MAX = 1_000;

  private final int clientsMax;
  private final List<Pending> waiting = new ArrayList<>();
  private List<Pending> writing = List.of();
  private int clients;

  /**
   * @param clientsMax how many commands of clients may wait; the engine's own always may: a worker
   *     reports each change of its attempt once
   */
  Inbox(int clientsMax) {
    this.clientsMax = clientsMax;
  }

  /** Whether no command waits. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean isWriting() {
    return !writing.isEmpty();
  }

  void add(WorkflowCommand command) {
    waiting.add(new Pending(command, Optional.empty()));
  }

  void addFirst(WorkflowCommand command) {
    waiting.addFirst(new Pending(command, Optional.empty()));
  }

  /** Adds a client's command; false if too many wait, in which case the caller has to reply. */
  boolean offer(WorkflowCommand command, ActorRef<Reply> client) {
    if (clients >= clientsMax) {
      return false;
    }
    clients++;
    return waiting.add(new Pending(command, Optional.of(client)));
  }

  /** The commands of the next turn: aborts first, then the others in order, up to the bound. */
  List<WorkflowCommand> take() {
    var taken = new ArrayList<Pending>();
    moveAborts(taken);
    var rest = waiting.subList(0, Math.min(waiting.size(), TURN_MAX));
    taken.addAll(rest);
    rest.clear();
    writing = List.copyOf(taken);
    clients = (int) waiting.stream().filter(pending -> pending.client().isPresent()).count();
    return writing.stream().map(Pending::command).toList();
  }

  /** Moves aborts to the front, behind the start, which must come before an abort. */
  private void moveAborts(List<Pending> taken) {
    if (waiting.getFirst().command() instanceof WorkflowCommand.Start) {
      taken.add(waiting.removeFirst());
    }
    waiting.removeIf(
        pending -> pending.command() instanceof WorkflowCommand.Abort && taken.add(pending));
  }

  /**
   * Replies to the clients whose commands were written.
   *
   * @param decisions one for each command
   */
  void written(List<Decision> decisions) {
    for (int i = 0; i < writing.size(); i++) {
      reply(writing.get(i), reply(decisions.get(i)));
    }
    writing = List.of();
  }

  /**
   * Puts the commands of a turn back in front of the waiting ones, because they may not have been
   * written.
   */
  void putBack() {
    waiting.addAll(0, writing);
    clients += (int) writing.stream().filter(pending -> pending.client().isPresent()).count();
    writing = List.of();
  }

  /** Refuses all commands. */
  void refuseAll(Reply.Rejected reply) {
    putBack();
    waiting.forEach(pending -> reply(pending, reply));
    waiting.clear();
    clients = 0;
  }

  private static Reply reply(Decision decision) {
    return switch (decision) {
      case Decision.Accept _, Decision.Ignore _ -> new Reply.Accepted();
      case Decision.Reject(var reason, var message) -> new Reply.Rejected(reason, message);
    };
  }

  private static void reply(Pending pending, Reply reply) {
    pending.client().ifPresent(client -> client.tell(reply));
  }
}
