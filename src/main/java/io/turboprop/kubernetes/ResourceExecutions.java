package io.turboprop.kubernetes;

import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.store.NewExecution;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.state.ExecutionSettings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts and aborts the executions of resources, by the same rules as executions of clients. */
public interface ResourceExecutions {

  /** The engine's own settings of an execution with these options. */
  ExecutionSettings settings(ExecutionSpec spec, CompiledWorkflowClosure closure);

  /** The labels and tags by which clients can find the execution. */
  List<NewExecution.Tag> tags(ExecutionSpec spec);

  /** The number of the execution whose results are reused; null if there is none, or none here. */
  @Nullable Long source(ExecutionSpec spec);

  /**
   * Stores the inputs of an execution, large ones in the blob store; may be repeated.
   *
   * @throws IOException when the blob store can't take them now
   * @throws IllegalArgumentException when they are too large
   */
  Values storeInputs(ExecutionId id, LiteralMap inputs) throws IOException;

  /**
   * Has an execution begin that was accepted; if this is lost, the waker does it. Its inputs are
   * stored again if the retention has deleted them before the acceptance.
   *
   * @param inputs the inputs that were given to {@link #storeInputs}
   */
  void start(AcceptedExecution execution, LiteralMap inputs);

  /** Ends an execution early; does nothing if it has ended. */
  void abort(ExecutionId id, String cause);
}
