package io.turboprop.compiler;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.Plan;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A cache of the plans in use: each plan is made from its stored closure once and shared by all
 * executions in this JVM. Calls may block on the database.
 *
 * <p>The cache may hold the plan of a dynamic node that is no longer stored. That is harmless: a
 * digest always names the same content, and a node that makes the plan again stores it again.
 */
public final class CompiledPlans {

  /**
   * A plan and the tasks that its nodes refer to.
   *
   * @param tasks the templates of all its tasks
   */
  public record CompiledPlan(
      Plan plan, CompiledWorkflowClosure closure, Map<EntityId, TaskTemplate> tasks) {}

  private final LoadingCache<String, CompiledPlan> plans;

  /**
   * @param closures finds a serialized {@code CompiledWorkflowClosure} by digest
   * @param sizeBytesMax the capacity, by the size of serialized closures; even a larger plan stays
   *     in memory, since a plan in use is needed again and again
   */
  public CompiledPlans(Function<String, Optional<ByteString>> closures, long sizeBytesMax) {
    this.plans =
        Caffeine.newBuilder()
            .maximumWeight(sizeBytesMax)
            .<String, CompiledPlan>weigher(
                (_, plan) -> (int) Math.min(plan.closure().getSerializedSize(), sizeBytesMax / 4))
            .build(digest -> load(digest, closures.apply(digest)));
  }

  /**
   * The plan with this digest.
   *
   * @throws IllegalStateException when the plan was never stored, or can't be read
   */
  public CompiledPlan get(String digest) {
    return plans.get(digest);
  }

  /** The plan with this digest if it is in memory; does not block. */
  public Optional<CompiledPlan> getIfPresent(String digest) {
    return Optional.ofNullable(plans.getIfPresent(digest));
  }

  private static CompiledPlan load(String digest, Optional<ByteString> bytes) {
    try {
      var closure =
          CompiledWorkflowClosure.parseFrom(
              bytes.orElseThrow(
                  () -> new IllegalStateException("no plan " + digest + " was ever stored")));
      var tasks = new HashMap<EntityId, TaskTemplate>();
      closure
          .getTasksList()
          .forEach(task -> tasks.put(EntityId.of(task.getTemplate().getId()), task.getTemplate()));
      return new CompiledPlan(PlanBuilder.build(digest, closure), closure, Map.copyOf(tasks));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("plan " + digest + " can't be read", e);
    }
  }
}
