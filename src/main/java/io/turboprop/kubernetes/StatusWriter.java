package io.turboprop.kubernetes;

import com.google.gson.JsonObject;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.NodePath;
import io.turboprop.event.PlanNodes;
import io.turboprop.kubernetes.FlyteWorkflows.Changed;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.ResourceTables.Behind;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the state of executions into the status of their resources. At an interval it queries the
 * resources whose status is behind the rows that clients read, and writes each status from these
 * rows: one write, whatever the number of steps in between, and whatever node runs the execution.
 * The row of a resource holds the step that its status shows, so the last status is written even
 * after a crash.
 */
public final class StatusWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
  private static final int BATCH_SIZE = 1000;
  private static final int STATUS_BYTES_MIN = 1024;

  private final Sources sources;
  private final ResourceChanges changes;
  private final ResourceSettings settings;
  private final Clock clock;
  private final Semaphore permits;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /**
   * The resources that are being written or wait after a failure, by uid, with the end of their
   * pause.
   */
  private final Map<String, Instant> busy = new ConcurrentHashMap<>();

  private final Map<String, Duration> pauses = new ConcurrentHashMap<>();

  /**
   * The sources of a status.
   *
   * @param plans finds the plan with a digest
   */
  public record Sources(
      ResourceTables tables, PlanNodes nodes, Function<String, Plan> plans, BlobStorage storage) {}

  StatusWriter(Sources sources, ResourceChanges changes, ResourceSettings settings, Clock clock) {
    this.sources = sources;
    this.changes = changes;
    this.settings = settings;
    this.clock = clock;
    this.permits = new Semaphore(settings.status().writtenAtOnce());
    this.thread = Thread.ofPlatform().daemon().name("turboprop-status").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      do {
        writeAll();
      } while (!closed.await(settings.status().interval().toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeAll() throws InterruptedException {
    var now = clock.instant();
    busy.values().removeIf(until -> until.isBefore(now));
    List<Behind> behind;
    try {
      behind = sources.tables().behind(List.copyOf(busy.keySet()), BATCH_SIZE);
    } catch (RuntimeException e) {
      LOG.warn("the executions of resources can't be read now; the next round retries", e);
      return;
    }
    forgetOthers(behind);
    for (var resource : behind) {
      permits.acquire();
      busy.put(resource.resource().uid(), Instant.MAX);
      Thread.ofVirtual()
          .name("turboprop-status")
          .start(() -> {
            try {
              write(resource);
            } finally {
              permits.release();
            }
          });
    }
  }

  /** Removes the pauses of resources whose status is not behind any more. */
  private void forgetOthers(List<Behind> behind) {
    if (behind.size() < BATCH_SIZE) {
      var uids = behind.stream().map(each -> each.resource().uid()).collect(Collectors.toSet());
      pauses.keySet().removeIf(uid -> !uids.contains(uid) && !busy.containsKey(uid));
    }
  }

  private void write(Behind execution) {
    var uid = execution.resource().uid();
    try {
      var gone = written(execution) == Changed.GONE;
      if (gone && !execution.ended()) {
        // The watch reports the deletion, too, and then the execution is aborted.
        pauses.remove(uid);
        busy.put(uid, clock.instant().plus(settings.watching().retry().max()));
        return;
      }
      sources.tables().statusWritten(execution, execution.ended());
      pauses.remove(uid);
      busy.remove(uid);
    } catch (IOException | RuntimeException | Error e) {
      var retry = settings.watching().retry();
      var pause = pauses.merge(uid, retry.min(), (before, _) -> retry.next(before));
      LOG.warn(
          "the status of the FlyteWorkflow {}/{} can't be written now; the next try is in {}",
          execution.resource().namespace(),
          execution.resource().name(),
          pause,
          e);
      busy.put(uid, clock.instant().plus(pause));
    }
  }

  /** Writes a status. While the API server refuses it as too large, writes a smaller one. */
  private Changed written(Behind execution) throws IOException {
    var bytesMax =
        Math.max(STATUS_BYTES_MIN, settings.status().documentBytesMax() - execution.sizeBytes());
    while (true) {
      var status = status(execution, bytesMax);
      var changed =
          execution.ended()
              ? changes.end(execution.resource(), status, clock.instant())
              : changes.writeStatus(execution.resource(), status);
      if (changed == Changed.CONFLICT) {
        throw new IOException(
            "others have changed the resource during each attempt to write its status");
      }
      if (changed != Changed.TOO_LARGE) {
        return changed;
      }
      if (bytesMax <= STATUS_BYTES_MIN) {
        throw new IOException("the resource has no room for a status");
      }
      bytesMax = Math.max(STATUS_BYTES_MIN, bytesMax / 2);
    }
  }

  private JsonObject status(Behind execution, int bytesMax) {
    var limit = settings.status().nodesMax();
    var nodes = sources.tables().nodes(execution.number(), limit);
    var count =
        nodes.size() < limit ? nodes.size() : sources.tables().nodeCount(execution.number());
    return StatusDocument.of(
        execution,
        nodes,
        Math.max(count, nodes.size()),
        path -> kind(execution, path),
        sources.storage().layout().execution(execution.execution()).uri(),
        bytesMax);
  }

  private Optional<NodeKind> kind(Behind execution, NodePath path) {
    var plan = sources.plans().apply(execution.planDigest());
    return sources.nodes().find(execution.number(), plan, path).map(PlanNode::kind);
  }

  /** Stops; the next start finds the resources whose status is still behind. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
