package io.turboprop.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.turboprop.cluster.Waker;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.compiler.CompiledPlans.CompiledPlan;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.RequestBatcher;
import io.turboprop.store.RequestBatcher.Bounds;
import io.turboprop.store.WakeUpTables;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.ExecutionDirectory;
import io.turboprop.workflow.entity.Unseen;
import io.turboprop.workflow.plan.Plan;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The accepted executions for entities and the waker, read from tables. An execution that this JVM
 * has just accepted stays in memory for a short time, so that it need not be read back.
 */
public final class StoredExecutions implements ExecutionDirectory, Waker.Executions {

  /**
   * Longer than the start of an execution takes. No client can have requested its abort much
   * sooner; an execution that starts later is read with its unhandled requests.
   */
  private static final Duration REMEMBERED = Duration.ofMillis(500);

  private static final long REMEMBERED_MAX = 10_000;

  /**
   * How long a due execution is reserved for the engine that took it; after that, another engine
   * may take it.
   */
  private static final Duration CLAIM = Duration.ofSeconds(30);

  private static final Bounds UNSEEN_BATCHES = batchesOf(500);

  /** A specification may be large, so fewer of them are in memory at once. */
  private static final Bounds LOAD_BATCHES = batchesOf(50);

  private final ExecutionTables tables;
  private final WakeUpTables wakeUps;
  private final ProjectQueue queue;
  private final CompiledPlans plans;
  private final Executor blocking;
  private final Clock clock;

  /** A sweep of the waker makes hundreds of entities look for what they have not seen. */
  private final RequestBatcher<Long, Unseen> unseen;

  /**
   * Executions whose entity is on another node than the one that has accepted them are loaded one
   * after the other, and hundreds at once after the loss of a node.
   */
  private final RequestBatcher<ExecutionId, Optional<Found>> loads;

  private final Cache<ExecutionId, AcceptedExecution> fresh =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).expireAfterWrite(REMEMBERED).build();

  public StoredExecutions(
      ExecutionTables tables,
      WakeUpTables wakeUps,
      ProjectQueue queue,
      CompiledPlans plans,
      Executor blocking,
      Clock clock) {
    this.tables = tables;
    this.wakeUps = wakeUps;
    this.queue = queue;
    this.plans = plans;
    this.blocking = blocking;
    this.clock = clock;
    this.unseen = new RequestBatcher<>(wakeUps::unseen, _ -> Long.BYTES, UNSEEN_BATCHES, blocking);
    this.loads = new RequestBatcher<>(this::stored, _ -> 1, LOAD_BATCHES, blocking);
  }

  private static Bounds batchesOf(int most) {
    return new Bounds(most, Integer.MAX_VALUE, 1, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Keeps an execution in memory whose acceptance has just been committed. */
  public void accepted(AcceptedExecution execution) {
    fresh.put(execution.id(), execution);
  }

  @Override
  public CompletionStage<Optional<Found>> find(ExecutionId id) {
    var remembered = fresh.asMap().remove(id);
    return remembered != null
        ? CompletableFuture.completedFuture(Optional.of(new Found(remembered, Unseen.NONE, 0)))
        : loads.send(id);
  }

  private List<Optional<Found>> stored(List<ExecutionId> ids) {
    return tables.findUnderWay(ids).stream()
        .map(row ->
            row.map(found -> new Found(found.execution(), found.unseen(), found.nodesMade())))
        .toList();
  }

  @Override
  public CompletionStage<Unseen> unseen(AcceptedExecution execution) {
    return unseen.send(execution.number());
  }

  @Override
  public CompletionStage<Plan> plan(String digest) {
    return plans
        .getIfPresent(digest)
        .map(CompiledPlan::plan)
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> CompletableFuture.supplyAsync(() -> plans.get(digest).plan(), blocking));
  }

  /** Executions that have waited in a queue are due as well when they may begin. */
  @Override
  public List<ExecutionId> takeDue(int limit) {
    var now = clock.instant();
    // The queue comes second: what it gives is taken out of it, and must not be lost by a failure
    // of the other query.
    var due = new ArrayList<>(wakeUps.takeDue(now, now.plus(CLAIM), limit));
    if (due.size() < limit) {
      due.addAll(queue.release(limit - due.size()));
    }
    return due;
  }

  @Override
  public int unparkAll() {
    return wakeUps.unparkAll();
  }

  @Override
  public int parked() {
    return wakeUps.parkedCount();
  }

  @Override
  public List<Waker.Row> active(long afterNumber, int limit) {
    return wakeUps.active(afterNumber, limit).stream()
        .map(row -> new Waker.Row(row.number(), row.id()))
        .toList();
  }
}
