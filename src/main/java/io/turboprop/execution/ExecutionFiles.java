package io.turboprop.execution;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.data.Naming;
import io.turboprop.node.TaskPlugins;
import io.turboprop.store.Retention;
import io.turboprop.store.Retention.Attempt;
import io.turboprop.store.Retention.OldExecution;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Deletes an ended execution's files from the blob store and from the plugins: its folder, the
 * checkpoints and the logs of its tasks. Cached outputs and other executions may refer to the raw
 * data of its tasks, so raw data is deleted only if a setting says so.
 *
 * <p>Some folders stay: a raw data prefix that the user gave; the engine's own raw data folder
 * while an execution of another project or domain has the same name; and the execution's folder
 * while another execution has the same folder, like {@code p/development/staging-x} and {@code
 * p-development/staging/x} in Flyte's layout. A shared folder is deleted with the last of the
 * executions that share it.
 */
public final class ExecutionFiles implements Retention.Files {
  private static final Duration PLUGINS_WITHIN = Duration.ofMinutes(1);

  private final DataStore store;
  private final Layout layout;
  private final TaskPlugins plugins;
  private final boolean withRawData;

  public ExecutionFiles(BlobStorage storage, TaskPlugins plugins, boolean withRawData) {
    this.store = storage.store();
    this.layout = storage.layout();
    this.plugins = plugins;
    this.withRawData = withRawData;
  }

  @Override
  public void delete(OldExecution execution) throws IOException {
    if (hasOurPlaceForRawData(execution) && !execution.sharesName()) {
      for (var attempt : execution.attempts()) {
        store.delete(rawData(execution, attempt));
      }
    }
    if (!execution.sharesFolder()) {
      store.delete(layout.execution(execution.id()));
    }
    forget(execution);
  }

  private static boolean hasOurPlaceForRawData(OldExecution execution)
      throws InvalidProtocolBufferException {
    return ExecutionSpec.parseFrom(execution.spec())
        .getRawOutputDataConfig()
        .getOutputLocationPrefix()
        .isEmpty();
  }

  private DataReference rawData(OldExecution execution, Attempt attempt) {
    var name = execution.id().name();
    var node = Naming.uniqueNodeId(attempt.path());
    var generated =
        attempt.element()
            ? Naming.generatedElementName(name, node, attempt.number())
            : Naming.generatedName(name, node, attempt.number());
    return withRawData ? layout.rawOutput(generated) : layout.checkpoints(generated);
  }

  private void forget(OldExecution execution) throws IOException {
    try {
      plugins
          .forget(execution.id())
          .toCompletableFuture()
          .get(PLUGINS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the plugins could not forget " + execution.id(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
