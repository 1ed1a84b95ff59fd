package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.ParentNode;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.PublicationTables;
import io.turboprop.workflow.entity.Publisher;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the backlogs of many executions in few transactions. Blocks.
 *
 * <p>Transient failures (an outage of the database, a deadlock) are retried without limit, with
 * growing pauses. If the database refuses a transaction for good, each execution is written in a
 * transaction of its own, so that refused rows of one execution delay no other. The backlog of that
 * execution fails.
 */
public final class BacklogWriter {
  private static final Logger LOG = LoggerFactory.getLogger(BacklogWriter.class);

  private final ProgressTables tables;
  private final PublicationTables publications;
  private final Journal journal;
  private final PlanNodes planNodes;
  private final ExecutionWatch watch;
  private final Consumer<ParentNode> parents;
  private final Clock clock;
  private final long batchBytesMax;
  private final Retrying retrying;

  /**
   * @param parents notifies a parent node that its child execution has ended, after the end can be
   *     read; must not block
   */
  public BacklogWriter(
      ProgressTables tables,
      PublicationTables publications,
      Journal journal,
      PlanNodes planNodes,
      ExecutionWatch watch,
      Consumer<ParentNode> parents,
      EventSettings settings,
      Clock clock) {
    this.tables = tables;
    this.publications = publications;
    this.journal = journal;
    this.planNodes = planNodes;
    this.watch = watch;
    this.parents = parents;
    this.clock = clock;
    this.batchBytesMax = settings.batchBytesMax();
    this.retrying = new Retrying(settings.backOff());
  }

  /** The part of a backlog that one transaction writes. */
  private record Part(Backlog backlog, long through, long bytes) {}

  /** Writes all steps of these backlogs; returns when each backlog has completed or failed. */
  void write(List<Backlog> backlogs) throws InterruptedException {
    var open = backlogs;
    while (!open.isEmpty()) {
      open = writeNext(open);
    }
  }

  /** Marks an execution as parked in the tables, without waiting for the backlogs. */
  CompletionStage<Void> park(ExecutionId id, Publisher.Parking parking) {
    var done = new CompletableFuture<Void>();
    Thread.startVirtualThread(() -> {
      try {
        retrying.call(
            "show that an execution is parked",
            () -> publications.park(id, parking, clock.instant()));
        watch.changed();
        done.complete(null);
      } catch (RuntimeException | InterruptedException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  /**
   * Writes the next steps of as many backlogs as one transaction holds; returns the backlogs that
   * are not finished.
   */
  private List<Backlog> writeNext(List<Backlog> open) throws InterruptedException {
    var batch = new RowBatch();
    var parts = new LinkedHashMap<Long, Part>();
    var later = new ArrayList<Backlog>();
    var bytes = 0L;
    for (var backlog : open) {
      if (bytes >= batchBytesMax) {
        later.add(backlog);
        continue;
      }
      var part = collect(backlog, batch, batchBytesMax - bytes);
      if (part.isPresent()) {
        parts.put(backlog.execution().number(), part.get());
        bytes += part.get().bytes();
      } else {
        backlog.published().complete(null);
      }
    }
    if (!parts.isEmpty()) {
      later.addAll(write(parts, batch));
    }
    return later;
  }

  /** Writes one transaction; returns the backlogs that are not finished. */
  private List<Backlog> write(Map<Long, Part> parts, RowBatch batch) throws InterruptedException {
    try {
      var written = retrying.call("write rows", () -> tables.write(batch.changes()));
      written.parents().forEach(this::notifyParent);
      return completePublished(parts, batch, written.refused());
    } catch (RuntimeException e) {
      return writeIndividually(parts, e);
    }
  }

  /** Adds the rows of the next steps; empty when the backlog is finished or has failed. */
  private Optional<Part> collect(Backlog backlog, RowBatch batch, long bytesMax)
      throws InterruptedException {
    try {
      var steps = retrying.call("read the journal", () -> backlog.next(journal, bytesMax));
      return steps.isEmpty()
          ? asleep(backlog, batch)
          : Optional.of(retrying.call("make rows", () -> collect(backlog, steps, batch)));
    } catch (RuntimeException e) {
      fail(backlog, e);
      return Optional.empty();
    }
  }

  private Part collect(Backlog backlog, List<Step> steps, RowBatch batch) {
    var rows = new RowBatch();
    for (var step : steps) {
      rows.add(
          RowChanges.of(
              backlog.execution(),
              backlog.plan(),
              planNodes,
              step.sequenceNumber(),
              step.events()));
    }
    batch.addAll(rows);
    var through = steps.getLast().sequenceNumber();
    addSleep(backlog, through, batch);
    return new Part(backlog, through, steps.stream().mapToLong(Step::bytes).sum());
  }

  private Optional<Part> asleep(Backlog backlog, RowBatch batch) {
    return addSleep(backlog, backlog.after(), batch)
        ? Optional.of(new Part(backlog, backlog.after(), EventWeight.EACH_BYTES))
        : Optional.empty();
  }

  private boolean addSleep(Backlog backlog, long through, RowBatch batch) {
    var sleep = backlog.sleepAfter(through);
    sleep.ifPresent(until ->
        batch.add(
            ExecutionChange.sleep(backlog.execution().number(), through, until, clock.instant())));
    return sleep.isPresent();
  }

  /**
   * Notifies a parent. A lost notification is safe: the parent's execution is marked as due as
   * well.
   */
  private void notifyParent(ParentNode parent) {
    try {
      parents.accept(parent);
    } catch (RuntimeException e) {
      LOG.warn("{} is not notified of the end of a child yet; the waker will do it", parent, e);
    }
  }

  private List<Backlog> completePublished(Map<Long, Part> parts, RowBatch batch, Set<Long> refused)
      throws InterruptedException {
    watch.changed(parts.keySet());
    var open = new ArrayList<Backlog>();
    for (var part : parts.values()) {
      var backlog = part.backlog();
      if (refused.contains(backlog.execution().number())) {
        continue;
      }
      if (watch.isWatched(backlog.execution().id())) {
        watch.notifyWatchers(backlog.execution().id(), batch.of(backlog.execution().number()));
      }
      if (backlog.publishedThrough(part.through())) {
        backlog.published().complete(null);
      } else {
        open.add(backlog);
      }
    }
    open.addAll(resynchronise(parts, refused));
    return open;
  }

  /** Reads how far the rows of refused executions are published, and continues from there. */
  private List<Backlog> resynchronise(Map<Long, Part> parts, Set<Long> refused)
      throws InterruptedException {
    if (refused.isEmpty()) {
      return List.of();
    }
    var backlogs =
        parts.values().stream()
            .map(Part::backlog)
            .filter(backlog -> refused.contains(backlog.execution().number()))
            .toList();
    try {
      var published = retrying.call("read positions", () -> publications.publishedThrough(refused));
      return backlogs.stream().filter(backlog -> isOpen(backlog, published)).toList();
    } catch (RuntimeException e) {
      backlogs.forEach(backlog -> fail(backlog, e));
      return List.of();
    }
  }

  private static boolean isOpen(Backlog backlog, Map<Long, Long> published) {
    var through = published.get(backlog.execution().number());
    if (through == null) {
      LOG.info(
          "execution {} has ended; its later steps are not published", backlog.execution().id());
      backlog.published().complete(null);
      return false;
    }
    backlog.publishedThrough(through);
    return true;
  }

  private List<Backlog> writeIndividually(Map<Long, Part> parts, Exception e)
      throws InterruptedException {
    if (parts.size() == 1) {
      parts.values().forEach(part -> fail(part.backlog(), e));
      return List.of();
    }
    LOG.warn("a transaction failed; its {} executions are written one by one", parts.size(), e);
    for (var part : parts.values()) {
      write(List.of(part.backlog()));
    }
    return List.of();
  }

  private static void fail(Backlog backlog, Exception e) {
    LOG.error(
        "execution {} can't be published beyond step {}",
        backlog.execution().id(),
        backlog.after(),
        e);
    backlog.published().completeExceptionally(e);
  }
}
