package io.turboprop.executor;

import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.setting.BackOff;
import io.turboprop.store.AttemptTables.NodeToNotify;
import io.turboprop.store.ExecutorTables;
import io.turboprop.store.ExecutorTables.Leased;
import io.turboprop.store.ExecutorTables.LeasedKey;
import io.turboprop.store.ExecutorTables.Session;
import io.turboprop.workflow.entity.Workflows;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts of tasks on this machine. It pulls queued attempts when it has free slots. The
 * attempts are leased to the session of the executor, and the executor renews the lease of this
 * session. If the executor can't renew the lease in time, it kills all its attempts, records
 * nothing about them, and begins a new session.
 */
public final class Executor extends AbstractBehavior<Executor.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  /**
   * The most eager attempts that one pull takes; eager attempts need no slot, so slots don't bound
   * them.
   */
  private static final int EAGER_LIMIT = 16;

  /**
   * The executor looks for leased attempts without a runner ({@link #leasedWithoutRunner}) once in
   * this many sweep intervals.
   */
  private static final int SWEEPS_PER_SEARCH = 30;

  /** The pause between two deletions of files that are no longer needed. */
  private static final Duration RETAINED_FILES_PAUSE = Duration.ofHours(1);

  /** The pause between two lines of the log about the same wait. */
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(4);

  private static final Duration BEGIN_PAUSE = Duration.ofSeconds(1);
  private static final Duration RESTART_PAUSE_MAX = Duration.ofSeconds(10);
  private static final double RESTART_JITTER = 0.2;
  private static final String LEASE_END = "lease end";
  private static final String OVERDUE = "overdue";

  /** A message to an executor. */
  public sealed interface Message {}

  /** The messages that other nodes send. */
  public enum Wake implements Message {
    /** An attempt has been queued. */
    QUEUED,
    /** An owner has aborted a leased attempt; stop it. */
    ABORTED
  }

  private record BeginSession() implements Message {}

  /**
   * Stop for good: kill all attempts, then give them back: end them as lost, so that their owners
   * retry them.
   *
   * @param replyTo the actor to notify when no attempt runs here any more and the attempts are
   *     given back
   */
  public record Drain(ActorRef<Done> replyTo) implements Message {}

  private record Released(List<NodeToNotify> lost, Optional<Throwable> failure)
      implements Message {}

  private record Begun(SessionControl.Begun session) implements Message {}

  private record BeginFailed(Throwable cause) implements Message {}

  private record Renew() implements Message {}

  private record Renewed(Lease lease, boolean valid) implements Message {}

  private record CallFailed(String call, Throwable cause) implements Message {}

  private record CheckLease() implements Message {}

  private record Killed(Optional<Throwable> failure) implements Message {}

  /**
   * Ending the last session or beginning the next is still under way after {@link
   * #REPORT_INTERVAL}.
   */
  private record Overdue() implements Message {}

  private record Poll() implements Message {}

  private record Pulled(Lease lease, Map<String, Integer> limits, List<Leased> attempts)
      implements Message {}

  private record PullFailed(Throwable cause) implements Message {}

  private record Refused(Optional<NodeToNotify> owner) implements Message {}

  private record RefusalFailed(Throwable cause) implements Message {}

  private record FoundAborted(Lease lease, List<LeasedKey> attempts) implements Message {}

  private record Search() implements Message {}

  private record DeleteRetainedFiles() implements Message {}

  private record RetainedFilesDeleted(int executions) implements Message {}

  private record RunnerEnded(LeasedKey key) implements Message {}

  /**
   * The components of an executor.
   *
   * @param plugins the plugins that are bound to this machine
   * @param workflows notifies the owners of executions of changes of their attempts
   * @param blocking runs calls that block
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public record Environment(
      ExecutorTables tables,
      Collection<TaskPlugin> plugins,
      DataStore store,
      Workflows workflows,
      java.util.concurrent.Executor blocking,
      Clock clock,
      LongSupplier nanoTime,
      ExecutorMeters meters) {}

  /**
   * The identity of an executor.
   *
   * @param node the identity of the data folder
   * @param address the address of the process's API, as {@code http://host:port}
   */
  public record Identity(String node, String address) {}

  /**
   * The retry budget of plugins' calls.
   *
   * @param callTimeout how long all repetitions of a call may take
   * @param failuresMax how often in a row a call may fail before the attempt fails
   * @param pauses the pauses after failures
   * @param lookAtLeastEvery a plugin that waits for a notification is called at least this often
   */
  public record Calls(
      Duration callTimeout, int failuresMax, BackOff pauses, Duration lookAtLeastEvery) {}

  private final TimerScheduler<Message> timers;
  private final ExecutorSettings settings;
  private final Identity identity;
  private final Environment environment;
  private final RetainedFiles retainedFiles;
  private final SessionControl sessionControl;
  private final AttemptRunners runners;

  /** Empty before the first session, and between two sessions. */
  private Optional<SessionControl.Active> current = Optional.empty();

  /**
   * Whether the next session may adopt the processes of the previous one; only the first session of
   * this actor may.
   */
  private boolean takeOver = true;

  /** The actors to notify when this executor has stopped for good; none as long as it works. */
  private final List<ActorRef<Done>> drainReplyTos = new ArrayList<>();

  /** The session whose attempts are given back when no attempt runs here any more. */
  private Optional<Session> sessionToRelease = Optional.empty();

  private boolean killing;
  private boolean pulling;
  private boolean pullAgain;

  /** Whether the database may show attempts as leased to this executor that have no runner. */
  private boolean searchDue;

  private Executor(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      ExecutorSettings settings,
      Calls calls,
      Identity identity,
      Environment environment) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.identity = identity;
    this.environment = environment;
    this.retainedFiles = new RetainedFiles(environment.tables(), environment.plugins());
    this.sessionControl =
        new SessionControl(
            environment.tables(),
            environment.plugins(),
            identity,
            settings,
            environment.nanoTime());
    this.runners = new AttemptRunners(calls, environment);
  }

  /**
   * @param topic the topic of messages for executors
   * @param calls the retry budget of plugins' calls
   */
  public static Behavior<Message> create(
      ExecutorSettings settings,
      Calls calls,
      Identity identity,
      Environment environment,
      ExecutorTopic topic) {
    var executor =
        Behaviors.<Message>setup(context ->
            Behaviors.withTimers(timers -> {
              topic.subscribe(context.messageAdapter(Wake.class, wake -> wake));
              var begun = new Executor(context, timers, settings, calls, identity, environment);
              begun.begin();
              return begun;
            }));
    return Behaviors.supervise(executor)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(BEGIN_PAUSE, RESTART_PAUSE_MAX, RESTART_JITTER));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  private Behavior<Message> onMessage(Message message) {
    switch (message) {
      case BeginSession _ -> whenQuiet();
      case Begun(var session) -> onBegun(session);
      case BeginFailed(var cause) -> onBeginFailed(cause);
      case Renew _ -> current.ifPresent(this::renew);
      case Renewed(var lease, var valid) -> {
        if (isCurrent(lease) && !valid) {
          lose("the database says that the lease has ended");
        }
      }
      case CallFailed(var call, var cause) -> LOG.warn("{} failed: {}", call, cause.toString());
      case CheckLease _ -> current.ifPresent(this::checkLease);
      case Killed(var failure) -> onKilled(failure);
      case Overdue _ -> onOverdue();
      case Drain(var replyTo) -> {
        drainReplyTos.add(replyTo);
        drain();
      }
      case Released(var lost, var failure) -> {
        failure.ifPresent(cause ->
            LOG.warn(
                "the attempts can't be given back now; the sweep ends them as lost when this lease"
                    + " ends (turboprop.executor.lease): {}",
                cause.toString()));
        notifyOwners(lost);
        drainReplyTos.forEach(replyTo -> replyTo.tell(Done.done()));
        return Behaviors.stopped();
      }
      case Poll _ -> {
        pull();
        findAborted();
      }
      case Wake wake -> {
        switch (wake) {
          case QUEUED -> pull();
          case ABORTED -> findAborted();
        }
      }
      case Search _ -> searchDue = true;
      case DeleteRetainedFiles _ ->
          call(
              () -> new RetainedFilesDeleted(retainedFiles.delete()),
              done -> done,
              cause -> new CallFailed("the deletion of logs of deleted executions", cause));
      case RetainedFilesDeleted(var count) ->
          LOG.debug("the logs of {} deleted executions are deleted", count);
      case Pulled pulled -> onPulled(pulled);
      case PullFailed(var cause) -> {
        pulling = false;
        searchDue = true;
        LOG.warn(
            "executor {} could not pull queued attempts; it retries at the next poll: {}",
            identity.node(),
            cause.toString());
        if (isDraining()) {
          whenQuiet();
        }
      }
      case Refused(var owner) -> notifyOwners(owner.stream().toList());
      case RefusalFailed(var cause) -> {
        searchDue = true;
        LOG.warn(
            "the refusal of an attempt could not be recorded; the executor searches for it and retries: {}",
            cause.toString());
      }
      case FoundAborted(var lease, var attempts) -> {
        if (isCurrent(lease)) {
          attempts.forEach(runners::abort);
        }
      }
      case RunnerEnded(var key) -> {
        runners.remove(key);
        if (current.isPresent()) {
          pull();
        } else {
          whenQuiet();
        }
      }
    }
    return this;
  }

  // --- the session

  private void begin() {
    reportIfOverdue();
    var mayTakeOver = takeOver;
    call(() -> sessionControl.begin(mayTakeOver), Begun::new, BeginFailed::new);
  }

  private void onBegun(SessionControl.Begun begun) {
    timers.cancel(OVERDUE);
    takeOver = false;
    current = Optional.of(begun.active());
    LOG.info(
        "executor {} begins session {} with {} attempts of the previous session",
        identity.node(),
        begun.active().session().number(),
        begun.adopted().size());
    notifyOwners(begun.lost());
    begun.adopted().forEach(this::run);
    timers.startTimerAtFixedRate(new Renew(), settings.renewInterval());
    timers.startTimerWithFixedDelay(new Poll(), settings.pollInterval());
    timers.startTimerWithFixedDelay(
        new Search(), settings.sweepInterval().multipliedBy(SWEEPS_PER_SEARCH));
    timers.startTimerWithFixedDelay(new DeleteRetainedFiles(), RETAINED_FILES_PAUSE);
    checkLease(begun.active());
    if (isDraining()) {
      drain();
    } else {
      pull();
      findAborted();
    }
  }

  private void notifyOwners(List<NodeToNotify> nodes) {
    nodes.forEach(node -> environment.workflows().lookAgain(node.execution(), node.path()));
  }

  private void onBeginFailed(Throwable cause) {
    timers.cancel(OVERDUE);
    LOG.warn("the executor can't begin a session now: {}", cause.toString());
    timers.startSingleTimer(new BeginSession(), BEGIN_PAUSE);
  }

  /** Renewals may overlap, so that a renewal that hangs does not delay the next. */
  private void renew(SessionControl.Active session) {
    call(
        () -> new Renewed(session.lease(), sessionControl.renew(session)),
        renewed -> renewed,
        cause -> new CallFailed("the renewal of the executor's lease", cause));
  }

  private void checkLease(SessionControl.Active session) {
    if (session.lease().isOver()) {
      lose("the lease could not be renewed in time");
    } else {
      timers.startSingleTimer(LEASE_END, new CheckLease(), session.lease().left());
    }
  }

  private boolean isCurrent(Lease lease) {
    return current.filter(session -> session.lease().equals(lease)).isPresent();
  }

  private void lose(String reason) {
    LOG.error(
        "executor {} has lost its lease and kills {} attempts: {}",
        identity.node(),
        runners.size(),
        reason);
    environment.meters().leaseLost(runners.size());
    endSession();
  }

  private boolean isDraining() {
    return !drainReplyTos.isEmpty();
  }

  /**
   * Ends the session and gives its attempts back. If a session is only beginning, {@link #onBegun}
   * calls this again.
   */
  private void drain() {
    if (current.isPresent()) {
      LOG.info("executor {} stops and gives {} attempts back", identity.node(), runners.size());
      sessionToRelease = Optional.of(current.orElseThrow().session());
      endSession();
    }
  }

  /** Ends the lease first, so that the runners record nothing more, and then kills the attempts. */
  private void endSession() {
    current.orElseThrow().lease().end();
    current = Optional.empty();
    timers.cancelAll();
    reportIfOverdue();
    runners.leaseLost();
    killing = true;
    call(
        () -> {
          sessionControl.killAll();
          return Done.done();
        },
        _ -> new Killed(Optional.empty()),
        failure -> new Killed(Optional.of(failure)));
  }

  private void onKilled(Optional<Throwable> failure) {
    killing = false;
    if (failure.isPresent()) {
      LOG.error("the processes of attempts can't be killed", failure.get());
      // The attempts are not given back. The guard process (TaskPlugin.extendRunDeadline) kills
      // them before
      // the lease ends; after that, the sweep ends them as lost.
      sessionToRelease = Optional.empty();
    }
    whenQuiet();
  }

  /**
   * Begins the next session, or gives the attempts of the last one back. Both wait until all
   * runners have stopped. Giving back also waits for a pull under way.
   */
  private void whenQuiet() {
    if (killing || !runners.isEmpty() || (isDraining() && pulling)) {
      return;
    }
    if (isDraining()) {
      release();
    } else {
      begin();
    }
  }

  private void reportIfOverdue() {
    timers.startTimerWithFixedDelay(OVERDUE, new Overdue(), REPORT_INTERVAL);
  }

  private void onOverdue() {
    LOG.warn("executor {} runs no attempts; it still waits for {}", identity.node(), waitsFor());
  }

  private String waitsFor() {
    if (killing) {
      return "all processes to be killed";
    }
    if (!runners.isEmpty()) {
      return "%d attempts whose last plugin call has not ended".formatted(runners.size());
    }
    return pulling && isDraining()
        ? "the answer to a query for queued attempts"
        : "the processes of the last session to be killed, or for the database";
  }

  private void release() {
    var session = sessionToRelease;
    call(
        () ->
            new Released(
                session.map(environment.tables()::release).orElse(List.of()), Optional.empty()),
        done -> done,
        failure -> new Released(List.of(), Optional.of(failure)));
  }

  // --- work

  /**
   * Asks for attempts for half of the free slots, rounded up, so that other executors get some too.
   */
  private void pull() {
    if (current.isEmpty() || pulling) {
      pullAgain = pulling;
      return;
    }
    pulling = true;
    pullAgain = searchDue;
    var session = current.orElseThrow();
    var limits = new HashMap<String, Integer>();
    environment
        .plugins()
        .forEach(plugin -> limits.put(plugin.id(), (runners.freeSlots(plugin) + 1) / 2));
    var known = searchDue ? Optional.of(runners.keys()) : Optional.<Set<LeasedKey>>empty();
    searchDue = false;
    call(
        () ->
            new Pulled(
                session.lease(),
                limits,
                known.isPresent()
                    ? leasedWithoutRunner(session.session(), known.orElseThrow())
                    : pulled(session.session(), limits)),
        pulled -> pulled,
        PullFailed::new);
  }

  private List<Leased> pulled(Session session, Map<String, Integer> limits) {
    return limits.entrySet().stream()
        .flatMap(limit ->
            environment
                .tables()
                .pull(session, limit.getKey(), limit.getValue(), EAGER_LIMIT)
                .stream())
        .toList();
  }

  /**
   * The attempts that are leased to this session but have no runner, because the answer to a pull
   * was lost.
   *
   * @param known the attempts that had a runner before the query; some may have ended in the
   *     meantime
   */
  private List<Leased> leasedWithoutRunner(Session session, Set<LeasedKey> known) {
    return environment.tables().leased(session).stream()
        .filter(attempt -> !known.contains(attempt.key()))
        .toList();
  }

  /**
   * Runs the attempts. If the session has ended meanwhile, no attempt of the answer runs: the next
   * session ends them when it begins, or the sweep does ({@code AttemptTables.endLost}). The next
   * session could not pull before this answer, because {@code pulling} was set, so it pulls now.
   */
  private void onPulled(Pulled pulled) {
    pulling = false;
    if (!isCurrent(pulled.lease())) {
      if (isDraining()) {
        whenQuiet();
      } else if (pullAgain) {
        pull();
      }
      return;
    }
    pulled.attempts().forEach(this::run);
    var asked = pulled.limits().values().stream().mapToInt(Integer::intValue).sum();
    if (pullAgain || (asked > 0 && pulled.attempts().size() >= asked)) {
      pull();
    }
  }

  private void run(Leased attempt) {
    try {
      var runner = runners.start(getContext(), current.orElseThrow(), attempt);
      getContext().watchWith(runner, new RunnerEnded(attempt.key()));
    } catch (IllegalArgumentException e) {
      refuse(attempt, e);
    }
  }

  /** Ends an attempt that this version can't read, or whose plugin this node does not have. */
  private void refuse(Leased attempt, IllegalArgumentException cause) {
    LOG.error("the attempt {} can't be run here: {}", attempt.key().name(), cause.getMessage());
    var error =
        ExecutionError.system(
            "AttemptRefused",
            "the executor %s can't run the attempt: %s"
                .formatted(identity.address(), cause.getMessage()));
    var end = Transitions.encode(new TaskTransition.Failed(error, true, TaskInfo.NONE));
    var session = current.orElseThrow().session();
    call(
        () -> {
          environment.tables().end(session, attempt.key(), end);
          return environment.tables().owner(attempt.key());
        },
        Refused::new,
        RefusalFailed::new);
  }

  private void findAborted() {
    if (current.isPresent() && !runners.isEmpty()) {
      var session = current.orElseThrow();
      call(
          () -> new FoundAborted(session.lease(), environment.tables().aborted(session.session())),
          found -> found,
          cause -> new CallFailed("the query for aborted attempts", cause));
    }
  }

  // --- calls that block

  private <T> void call(
      Callable<T> call, Function<T, Message> done, Function<Throwable, Message> failed) {
    getContext()
        .pipeToSelf(
            new BlockingCalls(environment.blocking()).call(call),
            (value, failure) -> failure == null ? done.apply(value) : failed.apply(failure));
  }
}
