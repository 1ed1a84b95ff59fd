package io.turboprop.executor;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.pubsub.Topic;

/** Sends messages to all executors of the cluster; each executor subscribes. */
public final class ExecutorTopic implements ExecutorNews {
  private final ActorRef<Topic.Command<Executor.Wake>> topic;

  private ExecutorTopic(ActorRef<Topic.Command<Executor.Wake>> topic) {
    this.topic = topic;
  }

  /** Joins the topic on this node. */
  public static ExecutorTopic join(ActorSystem<?> system) {
    return new ExecutorTopic(
        system.systemActorOf(
            Topic.create(Executor.Wake.class, "executors"), "executor-topic", Props.empty()));
  }

  void subscribe(ActorRef<Executor.Wake> executor) {
    topic.tell(Topic.subscribe(executor));
  }

  @Override
  public void queued() {
    topic.tell(Topic.publish(Executor.Wake.QUEUED));
  }

  @Override
  public void aborted() {
    topic.tell(Topic.publish(Executor.Wake.ABORTED));
  }
}
