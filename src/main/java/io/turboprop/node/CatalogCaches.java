package io.turboprop.node;

import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.catalog.CacheKey;
import io.turboprop.catalog.Catalog;
import io.turboprop.data.Literals;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.plan.TaskOverrides;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog for tasks that are discoverable ({@code TaskMetadata.discoverable}); other tasks have
 * none.
 */
public final class CatalogCaches implements AttemptCaches {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogCaches.class);

  private final Catalog catalog;
  private final BlockingCalls blocking;
  private final Duration heartbeat;

  /**
   * @param heartbeat how often a reservation is extended; well below its duration
   */
  public CatalogCaches(Catalog catalog, Executor blocking, Duration heartbeat) {
    this.catalog = catalog;
    this.blocking = new BlockingCalls(blocking);
    this.heartbeat = heartbeat;
  }

  @Override
  public AttemptCache of(TaskAttempt task, TaskOverrides overrides) {
    var template = overridden(task.template(), overrides);
    return template.getMetadata().getDiscoverable()
        ? new CatalogCache(task, template)
        : AttemptCache.NONE;
  }

  private static TaskTemplate overridden(TaskTemplate template, TaskOverrides overrides) {
    if (overrides.cacheable().isEmpty()
        && overrides.cacheVersion().isEmpty()
        && overrides.cacheSerializable().isEmpty()) {
      return template;
    }
    var changed = template.toBuilder();
    var metadata = changed.getMetadataBuilder();
    overrides.cacheable().ifPresent(metadata::setDiscoverable);
    overrides.cacheVersion().ifPresent(metadata::setDiscoveryVersion);
    overrides.cacheSerializable().ifPresent(metadata::setCacheSerializable);
    return changed.build();
  }

  private final class CatalogCache implements AttemptCache {
    private final TaskAttempt task;
    private final TaskTemplate template;
    private final boolean serializable;
    private Optional<CacheKey> key = Optional.empty();
    private boolean holds;

    CatalogCache(TaskAttempt task, TaskTemplate template) {
      this.task = task;
      this.template = template;
      this.serializable = template.getMetadata().getCacheSerializable();
    }

    @Override
    public CompletionStage<Verdict> ask(Literals inputs) {
      return isKnown(inputs)
          ? blocking.call(this::look)
          : CompletableFuture.completedFuture(new Verdict.NotCached());
    }

    @Override
    public CompletionStage<Verdict.Run> resume(Literals inputs) {
      return isKnown(inputs)
          ? blocking.call(this::takeUp)
          : CompletableFuture.completedFuture(Verdict.Run.NOT_CACHED);
    }

    @Override
    public boolean keeps() {
      return true;
    }

    /** Whether a cache key can be made of these inputs. */
    private boolean isKnown(Literals inputs) {
      try {
        key = Optional.of(CacheKey.of(template, inputs));
        return true;
      } catch (IllegalArgumentException e) {
        LOG.warn("{} {} is not cached: {}", task.execution(), task.nodeId(), e.getMessage());
        return false;
      }
    }

    private Verdict look() throws IOException {
      if (!task.overwriteCache()) {
        var hit =
            catalog.lookup(
                key.orElseThrow(), template.getInterface().getOutputs().getVariablesMap().keySet());
        if (hit.isPresent()) {
          letGo();
          var found = hit.orElseThrow();
          return new Verdict.Hit(found.outputs(), found.metadata().toByteString());
        }
      }
      if (!serializable) {
        return run();
      }
      return switch (reserve()) {
        case Catalog.Reservation.Acquired _ -> run();
        case Catalog.Reservation.Held(var owner, _) -> new Verdict.Wait(owner);
      };
    }

    private Verdict.Run takeUp() {
      if (serializable && reserve() instanceof Catalog.Reservation.Held) {
        LOG.warn("{} {} runs without its reservation", task.execution(), task.nodeId());
      }
      return run();
    }

    private Verdict.Run run() {
      return new Verdict.Run(
          new AttemptSummary.Cache(
              task.overwriteCache() ? CacheStatus.SKIPPED : CacheStatus.MISS,
              key.orElseThrow().metadata().toByteString()));
    }

    private Catalog.Reservation reserve() {
      var reservation = catalog.reserve(key.orElseThrow(), task.generatedName());
      holds = reservation instanceof Catalog.Reservation.Acquired;
      return reservation;
    }

    @Override
    public Optional<Duration> heartbeat() {
      return holds ? Optional.of(heartbeat) : Optional.empty();
    }

    /** A running task goes on, even if its reservation was lost. */
    @Override
    public CompletionStage<Void> extend() {
      return holds
          ? blocking.call(() -> {
            catalog.reserve(key.orElseThrow(), task.generatedName());
            return null;
          })
          : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<AttemptSummary.Cache> keep(Literals inputs, Literals outputs) {
      return key.isEmpty()
          ? CompletableFuture.completedFuture(AttemptSummary.Cache.DISABLED)
          : blocking.call(() -> keepBlocking(key.orElseThrow(), outputs));
    }

    private AttemptSummary.Cache keepBlocking(CacheKey known, Literals outputs) {
      try {
        var kept = catalog.put(known, outputs, source(), task.overwriteCache());
        return new AttemptSummary.Cache(CacheStatus.POPULATED, kept.toByteString());
      } catch (IOException | RuntimeException e) {
        LOG.warn("{} {}: outputs were not cached", task.execution(), task.nodeId(), e);
        return new AttemptSummary.Cache(CacheStatus.PUT_FAILURE, known.metadata().toByteString());
      } finally {
        letGo();
      }
    }

    private TaskExecutionIdentifier source() {
      return TaskExecutionIdentifier.newBuilder()
          .setTaskId(template.getId())
          .setRetryAttempt(task.attempt())
          .setNodeExecutionId(
              NodeExecutionIdentifier.newBuilder()
                  .setNodeId(task.nodeId())
                  .setExecutionId(
                      WorkflowExecutionIdentifier.newBuilder()
                          .setProject(task.execution().project())
                          .setDomain(task.execution().domain())
                          .setName(task.execution().name())))
          .build();
    }

    /** After a restart the engine does not know whether a reservation exists; it may. */
    @Override
    public CompletionStage<Void> release() {
      if (!serializable || key.isEmpty()) {
        return CompletableFuture.completedFuture(null);
      }
      return blocking.call(() -> {
        holds = true;
        letGo();
        return null;
      });
    }

    /** A reservation that can't be released expires. */
    private void letGo() {
      if (!holds) {
        return;
      }
      holds = false;
      try {
        catalog.release(key.orElseThrow(), task.generatedName());
      } catch (RuntimeException e) {
        LOG.warn("{} {}: the reservation will expire", task.execution(), task.nodeId(), e);
      }
    }
  }
}
