package io.turboprop.plugin;

import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** One attempt of one task, as a plugin sees it. */
public interface TaskContext {
  ExecutionId execution();

  /** The lineage-qualified id of the node, at most 20 characters (engine §7.6). */
  String nodeId();

  /** From 0. */
  int attempt();

  /** How many attempts a user's error may cost, at least 1. */
  int attemptsMax();

  /**
   * By when the task wants to run: it has waited since its node was queued, and may wait as long as
   * the quality of service of its execution allows. Where slots are scarce the earliest is served
   * first, so that no task waits for ever.
   */
  Instant dueBy();

  /**
   * Where the node stands among the nodes of its graph, or the element among those of its array,
   * from 0: of attempts that are due at the same time the lowest is served first. Nodes that the
   * author has named stand at 0.
   */
  int position();

  /** Unique per attempt and stable over restarts, at most 50 characters: names what it starts. */
  String generatedName();

  TaskTemplate template();

  Literals inputs();

  /** {@code inputs.pb}; written by this call if it is not there yet. May block. */
  DataReference inputsFile() throws IOException;

  /** Where {@code outputs.pb}, {@code error.pb} and {@code deck.html} belong. */
  DataReference outputPrefix();

  /** Where the task puts data that its outputs refer to. */
  DataReference rawOutputPrefix();

  DataReference checkpointPrefix();

  /**
   * Where the latest of the earlier attempts that wrote checkpoints left them; empty when none did.
   * May block.
   */
  Optional<DataReference> previousCheckpointPrefix() throws IOException;

  /** {@code task.pb}; written by this call if it is not there yet. May block. */
  DataReference taskTemplateFile() throws IOException;

  /** What the engine and the execution add to the environment of the task. */
  Map<String, String> environment();

  Map<String, String> labels();

  Map<String, String> annotations();

  SecurityContext securityContext();

  boolean interruptible();

  /** The names of workflow and launch plan, for the environment of the task (tasks §2.3). */
  flyteidl.core.IdentifierOuterClass.Identifier workflow();

  flyteidl.core.IdentifierOuterClass.Identifier launchPlan();

  DataStore store();

  /** Has the plugin called again soon; from any thread, at any time, any number of times. */
  void lookAgain();
}
