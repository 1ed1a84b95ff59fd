package io.turboprop.plugin.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker process ({@code worker.py}), which has imported flytekit and forks a child per task.
 *
 * <p>If the worker dies, its children go on, and the {@link ExitWatch} watches the started ones. A
 * retired worker ({@link #retire}, or the end of the engine) stays until its children have ended.
 */
final class WarmWorker {
  private static final Logger LOG = LoggerFactory.getLogger(WarmWorker.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Child(
      WorkDirectory directory, CompletableFuture<LocalProcess> started, Runnable ended) {}

  /** The command line, variables, folder and log of a worker. */
  record Start(List<String> command, Map<String, String> environment, Path folder, Path log) {}

  private final Process process;
  private final ExitWatch orphans;
  private final long startedNanos = System.nanoTime();
  private final Map<String, Child> children = new ConcurrentHashMap<>();

  /** The last change of the package folders, as the worker read it before importing. */
  private final CompletableFuture<Map<Path, Long>> ready = new CompletableFuture<>();

  private volatile boolean retired;
  private volatile boolean dead;

  private WarmWorker(Process process, ExitWatch orphans) {
    this.process = process;
    this.orphans = orphans;
  }

  static WarmWorker start(Start start, ExitWatch orphans) throws IOException {
    var builder = new ProcessBuilder(start.command()).directory(start.folder().toFile());
    builder.environment().clear();
    builder.environment().putAll(start.environment());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(start.log().toFile()));
    var worker = new WarmWorker(ProcessStarts.start(builder), orphans);
    // The reader has a thread of its own, since it blocks as long as the worker lives.
    Thread.ofPlatform()
        .daemon()
        .name("warm-worker-" + worker.process.pid())
        .start(worker::readMessages);
    LOG.info("warm worker {} starts: {}", worker.process.pid(), String.join(" ", start.command()));
    return worker;
  }

  /** Whether the worker accepts tasks. */
  boolean isUsable() {
    return !dead && !retired && process.isAlive();
  }

  /** Whether packages were installed or removed since the worker started. */
  boolean isOutdated() {
    return ready.getNow(Map.of()).entrySet().stream()
        .anyMatch(stamp -> modifiedMicros(stamp.getKey()) != stamp.getValue());
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  boolean isRetired() {
    return retired;
  }

  CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /** Makes the worker take no more tasks, and end after its last task. */
  void retire() throws IOException {
    retired = true;
    synchronized (process) {
      process.getOutputStream().close();
    }
  }

  /**
   * Starts a prepared attempt; waits until the worker itself has started.
   *
   * @param ended run when the process has ended and its exit code is in the work directory
   * @return empty when this worker did not start the attempt
   */
  Optional<LocalProcess> fork(Launch launch, Runnable ended, Duration answerWithin)
      throws IOException, InterruptedException, TaskSpecificationException {
    var name = launch.directory().name();
    var child = new Child(launch.directory(), new CompletableFuture<>(), ended);
    try {
      ready.get(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
      children.put(name, child);
      sending(launch).get(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
      if (dead) {
        giveUp(name, child);
      }
      return Optional.of(child.started().get(answerWithin.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      LOG.debug("worker {} has not started {}", process.pid(), name, e);
    } catch (TimeoutException _) {
      LOG.warn("warm worker {} does not answer: stopping it", process.pid());
      process.destroyForcibly();
    }
    children.remove(name);
    return startedAfterAll(child);
  }

  /** The child may have recorded its process before the worker's end. */
  private Optional<LocalProcess> startedAfterAll(Child child)
      throws IOException, TaskSpecificationException {
    var process = child.directory().process();
    process.ifPresent(p -> orphans.watch(child.directory().name(), p, child.ended()));
    return process;
  }

  /** Writes the request on a thread of its own: a worker that hangs does not read it. */
  private CompletableFuture<Void> sending(Launch launch) throws IOException {
    var request =
        (JSON.writeValueAsString(request(launch)) + "\n").getBytes(StandardCharsets.UTF_8);
    return CompletableFuture.runAsync(() -> send(request), Thread::startVirtualThread);
  }

  private static Map<String, Object> request(Launch launch) {
    var directory = launch.directory();
    return Map.of(
        "name", directory.name(),
        "directory", directory.root().toString(),
        "cwd", directory.current().toString(),
        "stdout", directory.standardOutput().toString(),
        "stderr", directory.standardError().toString(),
        "argv", launch.command(),
        "environment", launch.environment());
  }

  private void send(byte[] request) {
    try {
      synchronized (process) {
        process.getOutputStream().write(request);
        process.getOutputStream().flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readMessages() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        onMessage(JSON.readTree(line));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("warm worker {} sends malformed messages: stopping it", process.pid(), e);
      process.destroyForcibly();
    } finally {
      onWorkerExit();
    }
  }

  private void onMessage(JsonNode message) {
    if (message.has("ready")) {
      ready.complete(stamps(message.path("stamps")));
      LOG.info("warm worker {} is ready after {} ms", process.pid(), age().toMillis());
    } else if (message.has("started")) {
      var forked = LocalProcess.parse(message.path("process").asText()).orElseThrow();
      child(message, "started").ifPresent(child -> child.started().complete(forked));
    } else if (message.has("ended")) {
      var child = child(message, "ended");
      children.remove(message.path("ended").asText());
      child.ifPresent(c -> c.ended().run());
    } else if (message.has("refused")) {
      var reason = new IOException(message.path("reason").asText());
      child(message, "refused").ifPresent(child -> child.started().completeExceptionally(reason));
    } else {
      throw new IllegalStateException("unknown message " + message);
    }
  }

  private Optional<Child> child(JsonNode message, String field) {
    return Optional.ofNullable(children.get(message.path(field).asText()));
  }

  private static Map<Path, Long> stamps(JsonNode message) {
    var stamps = new HashMap<Path, Long>();
    message
        .properties()
        .forEach(stamp ->
            stamps.put(
                Path.of(stamp.getKey()), TimeUnit.NANOSECONDS.toMicros(stamp.getValue().asLong())));
    return stamps;
  }

  private static long modifiedMicros(Path folder) {
    try {
      return Files.getLastModifiedTime(folder).to(TimeUnit.MICROSECONDS);
    } catch (IOException _) {
      return -1;
    }
  }

  private void onWorkerExit() {
    dead = true;
    ready.completeExceptionally(new IOException("the worker has ended"));
    children.forEach(this::giveUp);
  }

  private void giveUp(String name, Child child) {
    if (!child.started().completeExceptionally(new IOException("the worker has ended"))
        && children.remove(name, child)
        && child.started().state() == CompletableFuture.State.SUCCESS) {
      orphans.watch(name, child.started().resultNow(), child.ended());
    }
  }
}
