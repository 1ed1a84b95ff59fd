package io.turboprop.cluster;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.sharding.typed.HashCodeMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityContext;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.pattern.Patterns;
import scala.concurrent.duration.FiniteDuration;

/**
 * The executions of the cluster as sharded entities. A message reaches its entity on any node of
 * the cluster.
 */
public final class ShardedWorkflows implements Workflows {
  private static final EntityTypeKey<Message> KEY = EntityTypeKey.create(Message.class, "workflow");
  private static final Duration ABORT_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

  private final ActorSystem<?> system;
  private final ClusterSharding sharding;
  private volatile boolean isRegistered;
  private volatile boolean isAlone;

  /** Messages wait until {@link #hold} or {@link #reach} is called. */
  public ShardedWorkflows(ActorSystem<?> system) {
    this.system = system;
    this.sharding = ClusterSharding.get(system);
  }

  /**
   * Starts this node's shard region, which runs a part of the executions.
   *
   * @param environment the environment of entities; it may refer to these workflows
   * @param shards the number of shards, fixed for the life of the cluster
   * @param alone whether this is a standalone node
   */
  public void hold(
      WorkflowEntity.Environment environment, int shards, boolean alone, Meters meters) {
    var count = new EntityCount(meters);
    var entity = entity(context -> count.counted(entity(environment, context)), shards);
    if (alone) {
      isAlone = true;
      var _ = sharding.init(entity);
      return;
    }
    var departures = Departures.watch(system);
    var _ = sharding.init(entity.withAllocationStrategy(new ShardAllocation(system, departures)));
    Departure.prepare(system, departures, this::shardsHere);
  }

  /**
   * Starts a proxy that sends messages to the nodes that run the executions, for a node that runs
   * none.
   *
   * @param shards the number of shards, fixed for the life of the cluster
   */
  public void reach(int shards) {
    var _ =
        sharding.init(
            entity(
                context -> {
                  throw new IllegalStateException(
                      "this node has not the role engine: " + context.getEntityId());
                },
                shards));
  }

  private static Entity<Message, ShardingEnvelope<Message>> entity(
      Function<EntityContext<Message>, Behavior<Message>> behavior, int shards) {
    return Entity.of(KEY, behavior::apply)
        .withRole(Role.ENGINE.text())
        .withStopMessage(new WorkflowEntity.Stop())
        .withMessageExtractor(new HashCodeMessageExtractor<Message>(shards));
  }

  /**
   * The reason why this node can't reach the executions yet; empty once its shard region or proxy
   * is registered at the cluster's coordinator. The coordinator may move later; messages then wait
   * for it. Blocks.
   */
  public Optional<String> notReadyReason() {
    if (!isRegistered) {
      isRegistered = knowsRegions();
    }
    return isRegistered
        ? Optional.empty()
        : Optional.of("the node's shard region has not yet found the cluster's coordinator");
  }

  private boolean knowsRegions() {
    var answer =
        Patterns.ask(region(), ShardRegion.getCurrentRegionsInstance(), ANSWER_WITHIN)
            .exceptionally(_ -> "no answer in time");
    return answer.toCompletableFuture().join() instanceof ShardRegion.CurrentRegions regions
        && !regions.getRegions().isEmpty();
  }

  /** This node's shard region, or its proxy for the regions of other nodes. */
  private ActorRef region() {
    return org.apache.pekko.cluster.sharding.ClusterSharding.get(Adapter.toClassic(system))
        .shardRegion(KEY.name());
  }

  /**
   * The load of a node.
   *
   * @param shards the number of started shards; -1 if unknown
   * @param executions the number of executions in memory; -1 if unknown
   */
  record Share(int shards, long executions) {
    static final Share NONE = new Share(0, 0);
    static final Share UNKNOWN = new Share(-1, -1);
  }

  /** The load of each node that answers in time. Blocks. */
  Map<Address, Share> shares() {
    var question =
        new ShardRegion.GetClusterShardingStats(
            FiniteDuration.create(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
    var answer =
        Patterns.ask(region(), question, ANSWER_WITHIN.multipliedBy(2))
            .exceptionally(_ -> "no answer in time");
    if (answer.toCompletableFuture().join() instanceof ShardRegion.ClusterShardingStats stats) {
      return stats.getRegions().entrySet().stream()
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, each -> share(each.getValue())));
    }
    return Map.of();
  }

  /** How many shards this node has; empty if its region does not answer in time. Blocks. */
  private OptionalInt shardsHere() {
    var answer =
        Patterns.ask(region(), ShardRegion.getRegionStatsInstance(), ANSWER_WITHIN)
            .exceptionally(_ -> "no answer in time");
    return answer.toCompletableFuture().join() instanceof ShardRegion.ShardRegionStats stats
        ? OptionalInt.of(shards(stats))
        : OptionalInt.empty();
  }

  /**
   * A shard that stops or is busy does not answer its region in time, and is there all the same.
   */
  static int shards(ShardRegion.ShardRegionStats stats) {
    return stats.getStats().size() + stats.getFailed().size();
  }

  private static Share share(ShardRegion.ShardRegionStats stats) {
    var executions =
        stats.getStats().values().stream().mapToLong(count -> ((Number) count).longValue()).sum();
    return new Share(shards(stats), executions);
  }

  private Behavior<Message> entity(
      WorkflowEntity.Environment environment, EntityContext<Message> context) {
    var id = ExecutionId.parse(context.getEntityId());
    var shard = context.getShard();
    return Behaviors.setup(actor ->
        WorkflowEntity.create(
            environment,
            id,
            () -> shard.tell(new ClusterSharding.Passivate<>(actor.getSelf())),
            () -> start(id)));
  }

  @Override
  public void start(ExecutionId id) {
    if (!isOver()) {
      entity(id).tell(new WorkflowEntity.Activate());
    }
  }

  @Override
  public void lookAgain(ExecutionId id, NodePath node) {
    if (!isOver()) {
      entity(id).tell(new WorkflowEntity.LookAgain(node));
    }
  }

  @Override
  public CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause) {
    if (isOver()) {
      return CompletableFuture.completedFuture(
          new WorkflowEntity.Reply.Rejected(
              Decision.Reason.BUSY,
              "the engine stops; the execution %s is aborted after the next start".formatted(id)));
    }
    return entity(id)
        .ask(
            replyTo -> new WorkflowEntity.Ask(new WorkflowCommand.Abort(cause), replyTo),
            ABORT_TIMEOUT);
  }

  /**
   * Whether the only node stops. A message to an execution would then wait in the shard region for
   * another node, and delay the stop of the region until the time-out of its phase. The next start
   * activates each execution.
   */
  private boolean isOver() {
    return isAlone && CoordinatedShutdown.get(system).getShutdownReason().isPresent();
  }

  private EntityRef<Message> entity(ExecutionId id) {
    return sharding.entityRefFor(KEY, id.text());
  }
}
