package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An execution that is about to be accepted.
 *
 * @param launched the launch plan, or the task
 * @param spec a serialized {@code flyteidl.admin.ExecutionSpec} with all options resolved
 * @param inputs complete: the user's, defaults and fixed ones
 * @param userInputs the user's own; null where they are all there is
 * @param mode a number of {@code flyteidl.admin.ExecutionMetadata.ExecutionMode}
 * @param parent the node that started it; null where none did
 * @param sourceNumber the execution that it repeats; null where there is none
 * @param queued whether it waits until it is taken out of the queue of its project
 */
public record NewExecution(
    ExecutionId id,
    String planDigest,
    EntityId launched,
    EntityId workflow,
    ByteString spec,
    Values inputs,
    @Nullable Values userInputs,
    int mode,
    String principal,
    @Nullable Parent parent,
    @Nullable Long sourceNumber,
    ExecutionSettings settings,
    List<Tag> tags,
    Instant acceptedAt,
    boolean queued) {

  /** flytekit's label of the executions that an eager task starts: the name of its execution. */
  public static final String EAGER_LABEL = "eager-exec";

  public NewExecution {
    tags = List.copyOf(tags);
  }

  /**
   * The name of the execution whose eager task starts this one. A repeated execution, or one that a
   * node starts, may have inherited the label, and has nothing to do with the task any more.
   */
  Optional<String> eagerStarter() {
    if (sourceNumber != null || parent != null && parent.waiting() != null) {
      return Optional.empty();
    }
    return tags.stream().filter(tag -> tag.key().equals(EAGER_LABEL)).map(Tag::value).findFirst();
  }

  /** The same, which waits until it is taken out of the queue of its project. */
  public NewExecution inQueue() {
    return new NewExecution(
        id,
        planDigest,
        launched,
        workflow,
        spec,
        inputs,
        userInputs,
        mode,
        principal,
        parent,
        sourceNumber,
        settings,
        tags,
        acceptedAt,
        true);
  }

  /**
   * A node of another execution.
   *
   * @param nodeId the parent node's id, as clients see it
   * @param waiting the attempt that is notified of the end; null if none waits for it
   */
  public record Parent(long number, String nodeId, @Nullable Waiting waiting) {}

  /** An attempt (from 0) of a node that sleeps until the execution that it started has ended. */
  public record Waiting(NodePath node, int attempt) {}

  /** A label or tag by which clients can find an execution; the value may be empty. */
  public record Tag(String key, String value) {}
}
