package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.kubernetes.ResourceExecutions;
import io.turboprop.store.NewExecution;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.state.ExecutionSettings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Begins and ends the executions of FlyteWorkflow resources, like those of a client. */
final class ResourceLauncher implements ResourceExecutions {
  private final ExecutionCreation creation;
  private final ExecutionAborts aborts;

  ResourceLauncher(ExecutionCreation creation, ExecutionAborts aborts) {
    this.creation = creation;
    this.aborts = aborts;
  }

  @Override
  public ExecutionSettings settings(ExecutionSpec spec, CompiledWorkflowClosure closure) {
    var defaults = closure.getPrimary().getTemplate().getMetadataDefaults();
    return creation.settings(spec, defaults.getInterruptible());
  }

  @Override
  public List<NewExecution.Tag> tags(ExecutionSpec spec) {
    return ExecutionCreation.tags(spec);
  }

  @Override
  public @Nullable Long source(ExecutionSpec spec) {
    return creation.source(spec);
  }

  @Override
  public Values storeInputs(ExecutionId id, LiteralMap given) throws IOException {
    try {
      var inputs = creation.inputs();
      return inputs.write(id, inputs.plain(given));
    } catch (AdminException e) {
      if (e.mayPass()) {
        throw new IOException(e.getMessage(), e);
      }
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public void start(AcceptedExecution execution, LiteralMap given) {
    var inputs = creation.inputs();
    inputs.restore(execution.inputs(), inputs.plain(given));
    creation.start(execution);
  }

  @Override
  public void abort(ExecutionId id, String cause) {
    aborts.abortIfThere(id, cause);
  }
}
