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
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the resources of a cluster, and brings each and its execution together: a new one is
 * accepted, a deleted one is aborted, one that can't run is told so. Each of these looks at how
 * things are, not at what has happened, so it may be repeated, or done by two nodes.
 */
final class ResourceDoor implements ListWatch.Listener<ObservedResource>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceDoor.class);
  private static final String ABORTED = "Workflow aborted.";

  /** Of a workflow whose failure FlytePropeller has not finished. */
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
  private final int runningMax;
  private final Clock clock;
  private final KeyedWork<Resource> work;
  private final ListWatch<ObservedResource> watch;
  private final Map<String, ObservedResource> observed = new ConcurrentHashMap<>();

  /** The resources of the list that is being read; only the thread of the watch uses it. */
  private final Set<String> inList = new HashSet<>();

  /** Resources that wait until fewer executions run, the oldest first. */
  private final SortedSet<ObservedResource> waiting =
      new TreeSet<>(
          Comparator.comparing(ObservedResource::createdAt)
              .thenComparing(resource -> resource.resource().uid()));

  ResourceDoor(
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
    this.runningMax = settings.runningMax();
    this.clock = clock;
    this.work =
        new KeyedWork<>("follow", this::follow, settings.acceptedAtOnce(), settings.watching());
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

  /** Looks also at resources that went while nobody watched. */
  @Override
  public void listed(String version) {
    observed
        .values()
        .removeIf(known ->
            !inList.contains(known.resource().uid())
                && !ListWatch.isNewer(known.version(), version));
    inList.clear();
    tables.unfinished().stream()
        .map(Known::resource)
        .filter(resource -> !observed.containsKey(resource.uid()))
        .forEach(work::add);
  }

  private void follow(Resource resource) throws IOException {
    var seen = observed.get(resource.uid());
    var known = tables.find(resource.uid());
    if (seen == null) {
      synchronized (waiting) {
        waiting.removeIf(each -> each.resource().equals(resource));
      }
      if (known.isPresent()) {
        followLost(known.orElseThrow());
      }
    } else if (known.isPresent()) {
      followKnown(seen, known.orElseThrow());
    } else {
      followNew(seen);
    }
  }

  /** The watch does not have it: it is gone, or has the label of those that have ended. */
  private void followLost(Known known) throws IOException {
    if (!known.ended() && resources.read(known.resource()).isEmpty()) {
      LOG.info(
          "the FlyteWorkflow {}/{} is gone; {} is aborted",
          known.resource().namespace(),
          known.resource().name(),
          known.execution());
      executions.abort(known.execution(), ABORTED);
    }
  }

  private void followKnown(ObservedResource seen, Known known) throws IOException {
    if (seen.deleting() && !known.ended()) {
      executions.abort(known.execution(), ABORTED);
    } else if (seen.deleting() && known.finished() && seen.held()) {
      changes.hold(seen.resource(), false);
    } else if (!seen.deleting() && !seen.held() && !known.ended()) {
      changes.hold(seen.resource(), true);
    }
  }

  private void followNew(ObservedResource seen) throws IOException {
    if (StatusPhases.isTerminal(seen.phase())) {
      // FlytePropeller has ended it, and only its finalizer may be left.
      if (seen.deleting() && seen.held()) {
        changes.hold(seen.resource(), false);
      }
      return;
    }
    if (seen.begun()) {
      endPods(seen.resource());
    }
    if (seen.deleting()) {
      endBeforeItRan(seen, Optional.empty(), StatusDocument.aborted(clock.instant()));
    } else if (StatusPhases.isFailing(seen.phase())) {
      var failed = StatusDocument.refused(INTERRUPTED, clock.instant());
      endBeforeItRan(seen, Optional.of(INTERRUPTED), failed);
    } else if (runningMax == 0) {
      accept(seen);
    } else {
      acceptInTurn(seen);
    }
  }

  private void endBeforeItRan(
      ObservedResource seen, Optional<ExecutionError> error, JsonObject status) throws IOException {
    var document = resources.read(seen.resource());
    if (document.isPresent()) {
      tellEnd(seen, document.orElseThrow(), error);
    }
    end(seen.resource(), status);
  }

  /**
   * Deletes the pods that FlytePropeller has started for a workflow, so that no task runs twice at
   * the same time.
   *
   * @throws IOException while some are left; it is tried again
   */
  private void endPods(Resource resource) throws IOException {
    var left = resources.deletePodsOfPropeller(resource);
    if (left > 0) {
      throw new IOException("%d pods of FlytePropeller have to end first".formatted(left));
    }
  }

  private void acceptInTurn(ObservedResource seen) throws IOException {
    synchronized (waiting) {
      waiting.add(seen);
      if (!waiting.first().equals(seen) || tables.running() >= runningMax) {
        return;
      }
      accept(seen);
      waiting.remove(seen);
    }
  }

  /** Lets those in that have waited, as far as there is room; called from time to time. */
  void admit() {
    synchronized (waiting) {
      if (!waiting.isEmpty()) {
        work.add(waiting.first().resource());
      }
    }
  }

  private void accept(ObservedResource seen) throws IOException {
    var document = resources.read(seen.resource());
    if (document.isEmpty()) {
      return;
    }
    try {
      acceptance.accept(seen.resource(), document.orElseThrow(), seen.begun());
    } catch (RefusedResourceException e) {
      LOG.info(
          "the FlyteWorkflow {}/{} can't run: {}",
          seen.resource().namespace(),
          seen.resource().name(),
          e.getMessage());
      tellEnd(seen, document.orElseThrow(), Optional.of(e.error()));
      end(seen.resource(), StatusDocument.refused(e.error(), clock.instant()));
      return;
    }
    if (!seen.held()) {
      changes.hold(seen.resource(), true);
    }
  }

  /** A resource without an execution's identifier was made by nobody who waits for its end. */
  private void tellEnd(ObservedResource seen, JsonObject document, Optional<ExecutionError> error)
      throws IOException {
    var id = ObservedResource.object(document, "executionId");
    if (id.has("name")) {
      ends.ended(
          new ExecutionId(text(id, "project"), text(id, "domain"), text(id, "name")),
          seen.createdAt(),
          error);
    }
  }

  private static String text(JsonObject of, String field) {
    return of.has(field) ? of.get(field).getAsString() : "";
  }

  private void end(Resource resource, JsonObject status) throws IOException {
    if (changes.end(resource, status, clock.instant()) == Changed.CONFLICT) {
      throw new IOException("the resource changes all the time");
    }
  }

  /** Follows nothing more. */
  @Override
  public void close() {
    watch.close();
    work.close();
  }
}
