package io.turboprop.executor;

import io.turboprop.plugin.TaskPlugin;
import io.turboprop.store.AttemptTables.NodeToNotify;
import io.turboprop.store.ExecutorTables;
import io.turboprop.store.ExecutorTables.Leased;
import io.turboprop.store.ExecutorTables.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Begins, renews and ends the session of an executor: a row of the database with a lease, and the
 * deadline until which the processes on this machine may run without a renewal. An executor has one
 * session at a time. Every call blocks.
 */
final class SessionControl {
  private final ExecutorTables tables;
  private final Collection<TaskPlugin> plugins;
  private final Executor.Identity identity;
  private final ExecutorSettings settings;
  private final LongSupplier nanoTime;

  /**
   * @param plugins the plugins that are bound to this machine
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  SessionControl(
      ExecutorTables tables,
      Collection<TaskPlugin> plugins,
      Executor.Identity identity,
      ExecutorSettings settings,
      LongSupplier nanoTime) {
    this.tables = tables;
    this.plugins = plugins;
    this.identity = identity;
    this.settings = settings;
    this.nanoTime = nanoTime;
  }

  /** A session and the lease under which its attempts run. */
  record Active(Session session, Lease lease) {}

  /**
   * A session that has begun.
   *
   * @param adopted attempts of the session before whose processes go on
   * @param lost nodes (of workflows) whose attempts were ended as lost, because their processes
   *     were not taken over
   */
  record Begun(Active active, List<Leased> adopted, List<NodeToNotify> lost) {}

  /**
   * Begins a session. Processes of an earlier session go on only if they may still run and this
   * executor still has their lease. Otherwise the processes are killed first and their attempts
   * ended afterwards, because the next attempt may start as soon as one is ended.
   */
  Begun begin(boolean mayTakeOver) throws IOException {
    if (mayTakeOver) {
      var asked = nanoTime.getAsLong();
      var adopted = tables.adopt(identity.node(), identity.address(), settings.lease());
      var lease = new Lease(nanoTime, settings.runTime(), asked);
      if (adopted.isPresent() && extendRunDeadline(lease.left())) {
        return new Begun(
            new Active(adopted.get().session(), lease), adopted.get().attempts(), List.of());
      }
    }
    killAll();
    var asked = nanoTime.getAsLong();
    var begun = tables.begin(identity.node(), identity.address(), settings.lease());
    var lease = new Lease(nanoTime, settings.runTime(), asked);
    extendRunDeadline(lease.left());
    return new Begun(new Active(begun.session(), lease), List.of(), begun.lost());
  }

  /**
   * Extends the deadline until which the processes of all attempts may run, see {@link
   * TaskPlugin#extendRunDeadline}.
   *
   * @return false if the previous deadline had passed
   */
  private boolean extendRunDeadline(Duration time) throws IOException {
    var stillRuns = true;
    for (var plugin : plugins) {
      stillRuns &= plugin.extendRunDeadline(time);
    }
    return stillRuns;
  }

  /**
   * Kills the processes of all attempts on this machine.
   *
   * @throws IOException when a plugin has failed to; the others have killed theirs
   */
  void killAll() throws IOException {
    var failures = new ArrayList<Exception>();
    for (var plugin : plugins) {
      try {
        plugin.extendRunDeadline(Duration.ZERO);
      } catch (IOException | RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      var failure = new IOException(failures.getFirst());
      failures.stream().skip(1).forEach(failure::addSuppressed);
      throw failure;
    }
  }

  /**
   * Renews the lease.
   *
   * @return whether the attempts of the session may run on
   */
  boolean renew(Active session) throws IOException {
    var asked = nanoTime.getAsLong();
    return tables.renew(session.session(), settings.lease())
        && session.lease().extend(asked)
        && extendRunDeadline(session.lease().left());
  }
}
