package io.turboprop.executor;

import io.turboprop.data.ExecutionId;
import io.turboprop.store.AttemptTables.Key;
import io.turboprop.store.ExecutorTables;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the node that has the logs of an attempt, by the path of a log: {@code
 * project/domain/execution/attempt/file}. None while that node is not there.
 */
public final class LogHolders implements Function<Path, Optional<URI>> {
  private static final int NAMES = 5;

  private final ExecutorTables executors;

  public LogHolders(ExecutorTables executors) {
    this.executors = executors;
  }

  @Override
  public Optional<URI> apply(Path log) {
    if (log.getNameCount() != NAMES) {
      return Optional.empty();
    }
    var execution = new ExecutionId(name(log, 0), name(log, 1), name(log, 2));
    return executors.addressOf(new Key(execution, name(log, 3))).map(URI::create);
  }

  private static String name(Path log, int index) {
    return log.getName(index).toString();
  }
}
