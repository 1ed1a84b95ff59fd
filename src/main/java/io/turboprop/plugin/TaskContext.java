package io.turboprop.plugin;

import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A plugin's view of an attempt of a task. */
public interface TaskContext {
  ExecutionId execution();

  /** The position of the node in the execution's tree of graphs. */
  NodePath path();

  /** The lineage-qualified id of the node, at most 20 characters, as FlytePropeller makes it. */
  String nodeId();

  /** From 0. */
  int attempt();

  /** The most attempts that USER errors may take, at least 1. */
  int attemptsMax();

  /**
   * The time by which the task should run: the time at which its node was queued, plus the queueing
   * budget of its execution's quality of service. Where slots are scarce, the attempt with the
   * earliest time gets the next slot, so that no task waits for ever.
   */
  Instant dueBy();

  /**
   * The position of the node in its graph, or of the element in its array, from 0: among attempts
   * that are due at the same time, the lowest position gets the next slot. Nodes with names of the
   * author's choice have position 0.
   */
  int position();

  /**
   * The name for everything that the attempt starts: unique per attempt, stable over restarts, at
   * most 50 characters.
   */
  String generatedName();

  TaskTemplate template();

  /** The settings of the task that its node overrides; the default instance when it has none. */
  TaskNodeOverrides overrides();

  Literals inputs();

  /** {@code inputs.pb}; written by this call if it is not there yet. May block. */
  DataReference inputsFile() throws IOException;

  /** The folder of {@code outputs.pb}, {@code error.pb} and {@code deck.html}. */
  DataReference outputPrefix();

  /** The folder for data that the task's outputs refer to. */
  DataReference rawOutputPrefix();

  DataReference checkpointPrefix();

  /**
   * The checkpoint folder of the latest earlier attempt that wrote checkpoints; empty when there is
   * none. May block.
   */
  Optional<DataReference> previousCheckpointPrefix() throws IOException;

  /** {@code task.pb}; written by this call if it is not there yet. May block. */
  DataReference taskTemplateFile() throws IOException;

  /** The variables that the engine and the execution add to the task's environment. */
  Map<String, String> environment();

  Map<String, String> labels();

  Map<String, String> annotations();

  SecurityContext securityContext();

  boolean interruptible();

  /**
   * The label by which a plugin chooses a cluster for the execution ({@code
   * ExecutionSpec.execution_cluster_label}); empty when the execution has none.
   */
  String executionClusterLabel();

  /**
   * The pool of clusters in which the execution has to run ({@code
   * ExecutionSpec.cluster_assignment}); empty when it may run in any.
   */
  String clusterPool();

  /** The names of workflow and launch plan, for the environment of the task. */
  flyteidl.core.IdentifierOuterClass.Identifier workflow();

  flyteidl.core.IdentifierOuterClass.Identifier launchPlan();

  DataStore store();

  /**
   * Asks the engine to call the plugin again soon; may be called from any thread, at any time, any
   * number of times.
   */
  void lookAgain();
}
