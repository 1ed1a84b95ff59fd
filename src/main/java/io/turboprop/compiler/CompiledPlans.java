package io.turboprop.compiler;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.Plan;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A cache of plans: a plan is made from its stored closure once and shared by all executions in
 * this JVM. A plan that an execution in memory uses stays, however many others there are; of the
 * others, those used last stay. Calls may block on the database.
 *
 * <p>The cache may hold the plan of a dynamic node that is no longer stored. That is harmless: a
 * digest always names the same content, and a node that makes the plan again stores it again.
 */
public final class CompiledPlans {

  /** A plan whose serialized closure has at most this size is made without a turn. */
  private static final int SMALL_BYTES_MAX = 1024 * 1024;

  /**
   * A plan and the tasks that its nodes refer to. The closure itself, which takes several times the
   * memory of the plan, is read anew for the few who need it ({@link #closure}).
   *
   * @param interruptible whether the workflow declares that its nodes may be interrupted
   * @param tasks the templates of all its tasks
   * @param closureBytes the size of the serialized closure
   */
  public record CompiledPlan(
      Plan plan, boolean interruptible, Map<EntityId, TaskTemplate> tasks, int closureBytes) {}

  /** A plan that is in memory as long as something else refers to it. */
  private record InUse(
      WeakReference<Plan> plan,
      boolean interruptible,
      Map<EntityId, TaskTemplate> tasks,
      int closureBytes) {

    static InUse of(CompiledPlan compiled) {
      return new InUse(
          new WeakReference<>(compiled.plan()),
          compiled.interruptible(),
          compiled.tasks(),
          compiled.closureBytes());
    }

    Optional<CompiledPlan> compiled() {
      return Optional.ofNullable(plan.get())
          .map(held -> new CompiledPlan(held, interruptible, tasks, closureBytes));
    }
  }

  private final Function<String, Optional<ByteString>> closures;
  private final LoadingCache<String, CompiledPlan> plans;
  private final Map<String, InUse> inUse = new ConcurrentHashMap<>();

  /** Large plans are made one at a time: a closure takes much more memory than its plan. */
  private final ReentrantLock largePlans = new ReentrantLock();

  /**
   * @param closures finds a serialized {@code CompiledWorkflowClosure} by digest
   * @param sizeBytesMax how large the plans are together that no execution in memory uses, by the
   *     size of their serialized closures
   */
  public CompiledPlans(Function<String, Optional<ByteString>> closures, long sizeBytesMax) {
    this.closures = closures;
    this.plans =
        Caffeine.newBuilder()
            .maximumWeight(sizeBytesMax)
            .<String, CompiledPlan>weigher((_, plan) -> plan.closureBytes())
            .build(this::load);
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
    return Optional.ofNullable(plans.getIfPresent(digest)).or(() -> inUse(digest));
  }

  /** Keeps the plan of a closure that was just stored, so that it need not be read back. */
  public void add(String digest, CompiledWorkflowClosure closure, int closureBytes) {
    var _ = plans.get(digest, _ -> remembered(digest, build(digest, closure, closureBytes)));
  }

  private Optional<CompiledPlan> inUse(String digest) {
    return Optional.ofNullable(inUse.get(digest)).flatMap(InUse::compiled);
  }

  /**
   * The closure that a plan was made from.
   *
   * @throws IllegalStateException as {@link #get}
   */
  public CompiledWorkflowClosure closure(String digest) {
    return parse(digest, read(digest));
  }

  private CompiledPlan load(String digest) {
    return inUse(digest)
        .orElseGet(() -> {
          var bytes = read(digest);
          return remembered(
              digest,
              bytes.size() <= SMALL_BYTES_MAX ? build(digest, bytes) : inTurn(digest, bytes));
        });
  }

  private CompiledPlan remembered(String digest, CompiledPlan compiled) {
    inUse.values().removeIf(each -> each.plan().get() == null);
    inUse.put(digest, InUse.of(compiled));
    return compiled;
  }

  private CompiledPlan inTurn(String digest, ByteString closure) {
    largePlans.lock();
    try {
      return build(digest, closure);
    } finally {
      largePlans.unlock();
    }
  }

  private static CompiledPlan build(String digest, ByteString bytes) {
    return build(digest, parse(digest, bytes), bytes.size());
  }

  private static CompiledPlan build(
      String digest, CompiledWorkflowClosure closure, int closureBytes) {
    var tasks = new HashMap<EntityId, TaskTemplate>();
    closure
        .getTasksList()
        .forEach(task -> tasks.put(EntityId.of(task.getTemplate().getId()), task.getTemplate()));
    var defaults = closure.getPrimary().getTemplate().getMetadataDefaults();
    return new CompiledPlan(
        PlanBuilder.build(digest, closure),
        defaults.getInterruptible(),
        Map.copyOf(tasks),
        closureBytes);
  }

  private ByteString read(String digest) {
    return closures
        .apply(digest)
        .orElseThrow(() -> new IllegalStateException("no plan " + digest + " was ever stored"));
  }

  private static CompiledWorkflowClosure parse(String digest, ByteString bytes) {
    try {
      return CompiledWorkflowClosure.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("plan " + digest + " can't be read", e);
    }
  }
}
