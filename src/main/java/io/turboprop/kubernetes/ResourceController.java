package io.turboprop.kubernetes;

import com.google.gson.JsonObject;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.kubernetes.FlyteWorkflows.Changed;
import io.turboprop.kubernetes.client.ListWatch;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.ResourceTables.Known;
import io.turboprop.store.ResourceTables.Resource;
import java.io.IOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the FlyteWorkflow resources of a cluster, and reconciles each with its execution: the
 * controller accepts a new resource, aborts the execution of a deleted one, and writes into the
 * status of a resource that can't run why it can't. Each step depends on the present state of the
 * resource and of its row, not on what has happened, so a step may be repeated, also by two nodes.
 */
final class ResourceController implements ListWatch.Listener<ObservedResource>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceController.class);
  private static final String ABORTED = "Workflow aborted.";

  /** The error of a workflow whose failure FlytePropeller has not finished. */
  private static final ExecutionError INTERRUPTED =
      ExecutionError.system(
          "InterruptedByMigration",
          "FlytePropeller was ending this workflow, which had failed, when another engine took it"
              + " over; a failure node may not have run");

  private final FlyteWorkflows resources;
  private final ResourceChanges changes;
  private final ResourceTables tables;
  private final ResourceAcceptance acceptance;
  private final ResourceExecutions executions;
  private final ResourceEnds ends;
  private final boolean hasRunningMax;
  private final AdmissionQueue queue;
  private final Clock clock;
  private final KeyedWork<Resource> work;

  /** Follows, after a list with this version, what was deleted while no node watched. */
  private final KeyedWork<String> unfinished;

  private final ListWatch<ObservedResource> watch;
  private final Map<String, ObservedResource> observed = new ConcurrentHashMap<>();

  /** The uids in the list that is being read; only the thread of the watch uses them. */
  private final Set<String> inList = new HashSet<>();

  ResourceController(
      FlyteWorkflows resources,
      ResourceChanges changes,
      ResourceTables tables,
      ResourceAcceptance acceptance,
      ResourceExecutions executions,
      ResourceEnds ends,
      ResourceSettings settings,
      Clock clock) {
    this.resources = resources;
    this.changes = changes;
    this.tables = tables;
    this.acceptance = acceptance;
    this.executions = executions;
    this.ends = ends;
    this.hasRunningMax = settings.runningMax() > 0;
    this.queue = new AdmissionQueue(settings.runningMax());
    this.clock = clock;
    this.work =
        new KeyedWork<>(
            "follow", this::follow, settings.acceptedAtOnce(), settings.watching().retry());
    this.unfinished =
        new KeyedWork<>(
            "find the unfinished resources after the list",
            _ -> addUnfinished(),
            1,
            settings.watching().retry());
    this.watch =
        new ListWatch<>("resources", resources.watched(), this, settings.watching(), clock);
  }

  /** Begins to list and to watch. */
  void start() {
    watch.start();
  }

  @Override
  public void listing() {
    inList.clear();
  }

  @Override
  public void present(ObservedResource resource) {
    inList.add(resource.resource().uid());
    var before = observed.put(resource.resource().uid(), resource);
    if (before == null || !before.version().equals(resource.version())) {
      work.add(resource.resource());
    }
  }

  @Override
  public void gone(ObservedResource resource) {
    inList.remove(resource.resource().uid());
    observed.remove(resource.resource().uid());
    work.add(resource.resource());
  }

  /** Follows also the resources that were deleted while no node watched. */
  @Override
  public void listed(String version) {
    observed
        .values()
        .removeIf(each ->
            !inList.contains(each.resource().uid()) && !ListWatch.isNewer(each.version(), version));
    inList.clear();
    unfinished.add(version);
  }

  private void addUnfinished() {
    tables.unfinished().stream()
        .map(Known::resource)
        .filter(resource -> !observed.containsKey(resource.uid()))
        .forEach(work::add);
  }

  private void follow(Resource resource) throws IOException {
    var current = observed.get(resource.uid());
    var row = tables.find(resource.uid());
    if (current != null && row.isEmpty() && isToRun(current)) {
      run(current);
      return;
    }
    queue.remove(resource);
    if (current != null && row.isPresent()) {
      followAccepted(current, row.orElseThrow());
    } else if (current != null) {
      endWithoutExecution(current);
    } else if (row.isPresent()) {
      followMissing(row.orElseThrow());
    }
  }

  /** The watch does not have the resource: it is deleted, or has the label of ended resources. */
  private void followMissing(Known row) throws IOException {
    if (!row.ended() && resources.read(row.resource()).isEmpty()) {
      LOG.info(
          "the FlyteWorkflow {}/{} is gone; {} is aborted",
          row.resource().namespace(),
          row.resource().name(),
          row.execution());
      executions.abort(row.execution(), ABORTED);
    }
  }

  private void followAccepted(ObservedResource resource, Known row) throws IOException {
    if (resource.deleting() && !row.ended()) {
      executions.abort(row.execution(), ABORTED);
    } else if (resource.deleting() && row.finished() && resource.hasFinalizer()) {
      changes.setFinalizer(resource.resource(), false);
    } else if (!resource.deleting() && !resource.hasFinalizer() && !row.ended()) {
      changes.setFinalizer(resource.resource(), true);
    }
  }

  private static boolean isToRun(ObservedResource resource) {
    return !resource.deleting()
        && !StatusPhases.isTerminal(resource.phase())
        && !StatusPhases.isFailing(resource.phase());
  }

  private void run(ObservedResource resource) throws IOException {
    endPods(resource);
    if (!hasRunningMax) {
      accept(resource);
    } else if (queue.enter(resource, tables::running)) {
      try {
        accept(resource);
      } finally {
        queue.leave(resource.resource());
        admit();
      }
    }
  }

  /** Has the resource that has waited longest tried again; called from time to time. */
  void admit() {
    queue.first().ifPresent(work::add);
  }

  /** Ends a resource that is deleted, is failing, or was ended by FlytePropeller. */
  private void endWithoutExecution(ObservedResource resource) throws IOException {
    if (StatusPhases.isTerminal(resource.phase())) {
      // FlytePropeller has ended the workflow, and only its finalizer may be left.
      if (resource.deleting() && resource.hasFinalizer()) {
        changes.setFinalizer(resource.resource(), false);
      }
      return;
    }
    endPods(resource);
    if (resource.deleting()) {
      endBeforeItRan(resource, Optional.empty(), StatusDocument.aborted(clock.instant()));
    } else {
      var failed = StatusDocument.refused(INTERRUPTED, clock.instant());
      endBeforeItRan(resource, Optional.of(INTERRUPTED), failed);
    }
  }

  private void endBeforeItRan(
      ObservedResource resource, Optional<ExecutionError> error, JsonObject status)
      throws IOException {
    var document = resources.read(resource.resource());
    if (document.isPresent()) {
      reportEnd(resource, document.orElseThrow(), error);
    }
    end(resource.resource(), status);
  }

  /**
   * Deletes the pods that FlytePropeller has started for a workflow, so that no task runs twice at
   * the same time.
   *
   * @throws IOException while pods are left; the caller tries again
   */
  private void endPods(ObservedResource resource) throws IOException {
    var left = resource.begun() ? resources.deletePodsOfPropeller(resource.resource()) : 0;
    if (left > 0) {
      throw new IOException("%d pods of FlytePropeller have to end first".formatted(left));
    }
  }

  private void accept(ObservedResource resource) throws IOException {
    var document = resources.read(resource.resource());
    if (document.isEmpty()) {
      return;
    }
    try {
      acceptance.accept(resource.resource(), document.orElseThrow(), resource.begun());
    } catch (RefusedResourceException e) {
      LOG.info(
          "the FlyteWorkflow {}/{} can't run: {}",
          resource.resource().namespace(),
          resource.resource().name(),
          e.getMessage());
      reportEnd(resource, document.orElseThrow(), Optional.of(e.error()));
      end(resource.resource(), StatusDocument.refused(e.error(), clock.instant()));
      return;
    }
    if (!resource.hasFinalizer()) {
      changes.setFinalizer(resource.resource(), true);
    }
  }

  /**
   * Reports the end to FlyteAdmin if FlyteAdmin has made the resource, and so named an execution.
   */
  private void reportEnd(
      ObservedResource resource, JsonObject document, Optional<ExecutionError> error)
      throws IOException {
    var id = ObservedResource.object(document, "executionId");
    if (id.has("name")) {
      ends.ended(
          new ExecutionId(text(id, "project"), text(id, "domain"), text(id, "name")),
          resource.createdAt(),
          error);
    }
  }

  private static String text(JsonObject of, String field) {
    return of.has(field) ? of.get(field).getAsString() : "";
  }

  private void end(Resource resource, JsonObject status) throws IOException {
    if (changes.end(resource, status, clock.instant()) == Changed.CONFLICT) {
      throw new IOException(
          "the FlyteWorkflow %s/%s can't be ended: others change it all the time"
              .formatted(resource.namespace(), resource.name()));
    }
  }

  /** Ends the watch, and interrupts what is under way. */
  @Override
  public void close() {
    watch.close();
    unfinished.close();
    work.close();
  }
}
