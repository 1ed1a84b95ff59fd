package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker for each Python environment: started when first needed, replaced when something was
 * installed below it, started again with back-off when it has died. While there is none, tasks are
 * plain processes.
 */
final class WarmWorkers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmWorkers.class);
  private static final Set<String> PROGRAMS = Set.of("pyflyte-execute", "pyflyte-map-execute");
  private static final int DOUBLINGS_MAX = 20;
  private static final long LOG_BYTES_MAX = 1024 * 1024;

  private final LocalSettings.Warm settings;
  private final TaskUser user;
  private final Path script;
  private final Path folder;
  private final Path logs;
  private final TaskEnvironment environment;
  private final ExitWatch orphans;
  private final Map<PythonEnvironment, Supervised> workers = new ConcurrentHashMap<>();

  /**
   * @param user whose processes they are
   * @param folder where workers live and keep what importing writes
   * @param logs where their own messages go
   */
  WarmWorkers(
      LocalSettings.Warm settings,
      TaskUser user,
      Path script,
      Path folder,
      Path logs,
      TaskEnvironment environment,
      ExitWatch orphans) {
    this.settings = settings;
    this.user = user;
    this.script = script;
    this.folder = folder;
    this.logs = logs;
    this.environment = environment;
    this.orphans = orphans;
  }

  /**
   * Starts a prepared attempt, if it is one for a worker and there is a worker: flytekit's own
   * commands, unless they want packages installed first, which would change the worker's
   * environment.
   *
   * @param ended run when it has ended, from any thread; its exit code is in its directory then
   */
  Optional<LocalProcess> start(Launch launch, Runnable ended)
      throws IOException, InterruptedException, TaskSpecificationException {
    if (!settings.enabled()
        || launch.python().isEmpty()
        || !PROGRAMS.contains(launch.program())
        || launch.environment().containsKey("_F_RUNTIME_PACKAGES")) {
      return Optional.empty();
    }
    var worker = supervised(launch.python().get()).worker();
    return worker.isPresent()
        ? worker.get().fork(launch, ended, settings.startWithin())
        : Optional.empty();
  }

  /** Starts the worker of an environment before it is needed. */
  void warm(PythonEnvironment python) throws IOException {
    var worker = supervised(python).worker();
    LOG.debug("{} has {}", python, worker);
  }

  /** Has the workers end as soon as their tasks have ended. */
  @Override
  public void close() {
    workers.values().forEach(Supervised::retire);
  }

  private Supervised supervised(PythonEnvironment python) {
    return workers.computeIfAbsent(python, Supervised::new);
  }

  /** The worker of one environment, replaced when it has died or is outdated. */
  private final class Supervised {
    private final PythonEnvironment python;
    private @Nullable WarmWorker current;
    private int deaths;
    private long notBeforeNanos = System.nanoTime();

    Supervised(PythonEnvironment python) {
      this.python = python;
    }

    synchronized Optional<WarmWorker> worker() throws IOException {
      var worker = current;
      if (worker != null && worker.isUsable() && worker.isOutdated()) {
        LOG.info("the packages of {} have changed: its worker is replaced", python.interpreter());
        worker.retire();
      }
      if (worker != null && worker.isUsable()) {
        return Optional.of(worker);
      }
      if (System.nanoTime() - notBeforeNanos < 0) {
        return Optional.empty();
      }
      var fresh = WarmWorker.start(howToStart(), orphans);
      current = fresh;
      var _ = fresh.onExit().thenAccept(process -> died(fresh, process.exitValue()));
      return Optional.of(fresh);
    }

    synchronized void retire() {
      try {
        if (current != null && current.isUsable()) {
          current.retire();
        }
      } catch (IOException e) {
        LOG.warn("the warm worker of {} may not have ended", python.interpreter(), e);
      }
    }

    private synchronized void died(WarmWorker worker, int exitCode) {
      if (worker.isRetired()) {
        return;
      }
      deaths = worker.age().compareTo(settings.restartAfterMax()) > 0 ? 1 : deaths + 1;
      var pause = pause(deaths);
      notBeforeNanos = System.nanoTime() + pause.toNanos();
      LOG.warn(
          "the warm worker of {} has ended with code {} (see {}); until {} tasks are plain"
              + " processes",
          python.interpreter(),
          exitCode,
          log(),
          pause);
    }

    private Duration pause(int deaths) {
      var doubled = settings.restartAfter().multipliedBy(1L << Math.min(deaths - 1, DOUBLINGS_MAX));
      return doubled.compareTo(settings.restartAfterMax()) < 0
          ? doubled
          : settings.restartAfterMax();
    }

    private WarmWorker.Start howToStart() throws IOException {
      var name = "worker-" + WorkDirectory.shortName(python.interpreter().toString());
      var own = new WorkDirectory(folder.resolve(name), logs);
      own.create();
      user.giveAll(own.root());
      LogFiles.cut(log(), LOG_BYTES_MAX);
      var variables = new LinkedHashMap<>(environment.base(own, Optional.of(python)));
      variables.remove("PYTHONPATH");
      // Its threads would be started by importing, and would be missing after the fork.
      variables.put("OPENBLAS_NUM_THREADS", "1");
      var command = new ArrayList<>(List.of(python.interpreter().toString(), script.toString()));
      command.addAll(settings.preload());
      return new WarmWorker.Start(
          user.command(command), variables, Files.createDirectories(own.root()), log());
    }

    private Path log() {
      return logs.resolve(
          "worker-" + WorkDirectory.shortName(python.interpreter().toString()) + ".log");
    }
  }
}
