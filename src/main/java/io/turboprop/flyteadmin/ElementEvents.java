package io.turboprop.flyteadmin;

import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.TaskLog;
import flyteidl.event.Event.ExternalResourceInfo;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.store.ArrayElementChange;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The changes of the elements of one array within one step, which FlyteAdmin gets together in one
 * event of the array's attempt, as {@code external_resources}. FlyteAdmin merges them with those
 * that it has, by index and retry. Not thread-safe.
 */
final class ElementEvents {
  private static final String TASK_TYPE = "container_array";
  private static final String PLUGIN = "k8s-array";

  /**
   * The most elements that are announced when the array begins; the others follow as they start.
   */
  private static final int ANNOUNCED_MAX = 10_000;

  private final String generatedName;
  private final NodePath path;
  private final int attempt;
  private final Map<Run, ArrayElementChange> changes = new LinkedHashMap<>();
  private Instant at;

  private record Run(int index, int retry) {}

  private ElementEvents(String generatedName, NodePath path, int attempt, Instant at) {
    this.generatedName = generatedName;
    this.path = path;
    this.attempt = attempt;
    this.at = at;
  }

  /**
   * The changes of an array, without this first one.
   *
   * @param path the path of the array
   */
  static ElementEvents of(ExecutionId execution, ArrayElementChange first, NodePath path) {
    var key = first.key();
    return new ElementEvents(
        Naming.generatedName(execution.name(), key.nodeId(), key.attempt()),
        path,
        key.attempt(),
        first.updatedAt());
  }

  void add(ArrayElementChange change) {
    changes.merge(new Run(change.key().index(), change.retry()), change, ArrayElementChange::then);
    at = change.updatedAt();
  }

  NodePath path() {
    return path;
  }

  /** The attempt of the array, from 0. */
  int attempt() {
    return attempt;
  }

  /** When the last element has changed. */
  Instant at() {
    return at;
  }

  /** Adds the elements to an event of the array's attempt. */
  void addTo(TaskExecutionEvent.Builder event) {
    describe(event, generatedName);
    changes.values().forEach(change -> event.getMetadataBuilder().addExternalResources(of(change)));
  }

  /** Announces all elements of an array that begins. */
  static void addQueued(
      TaskExecutionEvent.Builder event,
      ExecutionId execution,
      String nodeId,
      int attempt,
      int size) {
    var name = Naming.generatedName(execution.name(), nodeId, attempt);
    describe(event, name);
    for (int index = 0; index < Math.min(size, ANNOUNCED_MAX); index++) {
      event
          .getMetadataBuilder()
          .addExternalResources(
              resource(name, index, 0).setPhase(TaskExecution.Phase.QUEUED).build());
    }
  }

  private static void describe(TaskExecutionEvent.Builder event, String generatedName) {
    event
        .setTaskType(TASK_TYPE)
        .getMetadataBuilder()
        .setGeneratedName(generatedName)
        .setPluginIdentifier(PLUGIN);
  }

  private ExternalResourceInfo of(ArrayElementChange change) {
    var index = change.key().index();
    var details = EventMessages.details(change.details());
    var resource =
        resource(generatedName, index, change.retry())
            .setPhaseValue(change.phase())
            .setCacheStatus(CatalogCacheStatus.forNumber(change.cacheStatus()));
    for (var log : details.getLogsList()) {
      resource.addLogs(TaskLog.newBuilder(log).setName(log.getName() + "-" + index));
    }
    if (details.hasCustomInfo()) {
      resource.setCustomInfo(details.getCustomInfo());
    }
    return resource.build();
  }

  private static ExternalResourceInfo.Builder resource(String name, int index, int retry) {
    return ExternalResourceInfo.newBuilder()
        .setExternalId(Naming.elementName(name, index, retry))
        .setIndex(index)
        .setRetryAttempt(retry);
  }
}
