package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * The warm workers, one for each Python environment. A worker is started when first needed,
 * replaced when its packages have changed, and restarted with back-off after its death. Without a
 * worker, tasks are plain processes.
 */
final class WarmWorkers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmWorkers.class);
  private static final Set<String> PROGRAMS = Set.of("pyflyte-execute", "pyflyte-map-execute");
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
   * @param user the user that runs the workers
   * @param folder the working directory of the workers, also for files that imports write
   * @param logs the folder for the workers' own messages
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
   * Starts a prepared attempt if a worker can run it and is ready. Workers run flytekit's own
   * commands, except commands that install packages first, which would change the worker's
   * environment.
   *
   * @param ended run from any thread when the process has ended and its exit code is in the work
   *     directory
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

  /** Stops the workers as soon as their tasks have ended. */
  @Override
  public void close() {
    workers.values().forEach(Supervised::retire);
  }

  private Supervised supervised(PythonEnvironment python) {
    return workers.computeIfAbsent(python, Supervised::new);
  }

  /** The worker of an environment, which is replaced when it has died or is outdated. */
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
      deaths = worker.age().compareTo(settings.restarts().max()) > 0 ? 1 : deaths + 1;
      var pause = settings.restarts().after(deaths);
      notBeforeNanos = System.nanoTime() + pause.toNanos();
      LOG.warn(
          "the warm worker of {} has ended with code {} (see {}); for {} tasks run as plain processes",
          python.interpreter(),
          exitCode,
          log(),
          pause);
    }

    private WarmWorker.Start howToStart() throws IOException {
      var name = "worker-" + WorkDirectory.shortName(python.interpreter().toString());
      var own = new WorkDirectory(folder.resolve(name), logs);
      own.create();
      user.giveAll(own.root());
      LogFiles.cut(log(), LOG_BYTES_MAX);
      var variables = new LinkedHashMap<>(environment.base(own, Optional.of(python)));
      variables.remove("PYTHONPATH");
      // Otherwise importing numpy would start threads that are missing after the fork.
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
