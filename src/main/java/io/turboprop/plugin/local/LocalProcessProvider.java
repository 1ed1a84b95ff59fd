package io.turboprop.plugin.local;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.DataStore;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskPluginProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** Makes the plugin {@code local}: tasks as processes on the engine's own machine. */
public final class LocalProcessProvider implements TaskPluginProvider {
  /**
   * The time between two clean-ups, which is also the time in which a started engine asks for all
   * its attempts.
   */
  private static final Duration ORPHANS_PAUSE = Duration.ofHours(1);

  @Override
  public String id() {
    return LocalProcessPlugin.ID;
  }

  @Override
  public List<String> taskTypes() {
    return List.of("container", "python-task", "raw-container", "sidecar");
  }

  @Override
  public boolean isBoundToMachine() {
    return true;
  }

  @Override
  public TaskPlugin create(Config config, TaskPluginEnvironment environment) {
    try {
      return create(LocalSettings.from(config), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the folder " + environment.directory() + " cannot be used", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while local processes were set up", e);
    }
  }

  private static TaskPlugin create(LocalSettings settings, TaskPluginEnvironment engine)
      throws IOException, InterruptedException {
    var directory = Files.createDirectories(engine.directory()).toRealPath();
    var scripts = Scripts.writeTo(directory.resolve("bin"));
    var own = System.getenv();
    var searchPath = own.getOrDefault("PATH", "/usr/bin:/bin");
    var jobs = new PeriodicJobs();
    var exits = new ExitWatch(jobs);
    var logs =
        new TaskLogs(
            Files.createDirectories(directory.resolve("logs")),
            engine.endpoint(),
            settings.logSizeBytesMax(),
            jobs);
    var code =
        new CodeArchives(directory.resolve("code"), engine.clock(), settings.code().limits());
    code.forgetUnused(settings.code().kept());
    var pythons = new PythonEnvironment.Lookup(settings.python(), settings.images(), searchPath);
    var environment =
        new TaskEnvironment(settings, engine.endpoint(), engine.storeVariables(), own);
    var work = Files.createDirectories(directory.resolve("work"));
    var user =
        TaskUser.of(
            settings.user(),
            searchPath,
            new TaskUser.Needs(
                List.of(work, logs.folder(), scripts.worker().resolveSibling("")),
                pythons.all().stream().map(PythonEnvironment::interpreter).toList(),
                engine.store()));
    var warm =
        new WarmWorkers(
            settings.warm().withModules(storeModules(engine.store())),
            user,
            scripts.worker(),
            work,
            logs.folder(),
            environment,
            exits);
    var orphanedDirectories =
        new OrphanedWorkDirectories(work, settings.workKept(), engine.clock());
    // The clean-up has a thread of its own, so that a long deletion does not delay the other jobs.
    jobs.repeat(() -> Thread.startVirtualThread(orphanedDirectories::delete), ORPHANS_PAUSE);
    var plain = new PlainProcesses(user, scripts.supervisor(), searchPath);
    if (settings.warm().enabled() && settings.warm().atBoot()) {
      for (var python : pythons.all()) {
        warm.warm(python);
      }
    }
    return new LocalProcessPlugin(
        settings.abortGrace(),
        new LaunchPreparation(user, environment, pythons, code),
        starter(warm, plain),
        new RunningAttempts(slots(settings.slots(), engine.metrics()), exits, logs),
        new RunDeadline(directory.resolve("run-until"), work, scripts.guard(), searchPath),
        orphanedDirectories,
        logs,
        work,
        () -> {
          warm.close();
          jobs.close();
        });
  }

  /** The library by which flytekit reaches S3: importing it takes longer than a small task. */
  private static List<String> storeModules(DataStore store) {
    return store.base().scheme().filter("s3"::equals).isPresent() ? List.of("s3fs") : List.of();
  }

  private static Slots slots(int most, MeterRegistry metrics) {
    var slots = new Slots(most);
    Gauge.builder("turboprop.local.slots", () -> most)
        .description("tasks that may run at the same time on this machine")
        .register(metrics);
    Gauge.builder("turboprop.local.slots.taken", slots, Slots::taken)
        .description("tasks that run on this machine, except eager ones")
        .register(metrics);
    Gauge.builder("turboprop.local.queue", slots, Slots::waiting)
        .description("tasks that wait for a slot on this machine")
        .register(metrics);
    return slots;
  }

  /** Starts an attempt in a warm worker if possible, otherwise as a plain process. */
  private static LocalProcessPlugin.Starter starter(WarmWorkers warm, PlainProcesses plain) {
    return (launch, ended) -> {
      var forked = warm.start(launch, ended);
      return forked.isPresent() ? forked.get() : plain.start(launch, ended);
    };
  }
}
