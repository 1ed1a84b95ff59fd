package io.turboprop.data;

/**
 * The locations of an execution's objects in the blob store. They derive from names only, and are
 * not recorded.
 *
 * @param metadata the prefix below which executions keep inputs, outputs, errors and decks
 * @param rawOutputs the prefix below which tasks write the data that their outputs refer to
 */
public record Layout(DataReference metadata, DataReference rawOutputs) {
  private static final String METADATA = "metadata";
  private static final String RAW_OUTPUTS = "raw";

  /** The layout of a store: {@code metadata/} and {@code raw/} below its root. */
  public static Layout of(DataReference base) {
    return new Layout(base.child(METADATA), base.child(RAW_OUTPUTS));
  }

  /** The layout of an execution with its own prefix for raw outputs. */
  public Layout withRawOutputs(DataReference prefix) {
    return new Layout(metadata, prefix);
  }

  /** The directory of an execution: {@code <metadata>/<project>-<domain>-<name>}. */
  public DataReference execution(ExecutionId id) {
    return metadata.child(id.project() + "-" + id.domain() + "-" + id.name());
  }

  /** The files of an attempt (from 0) of a node at any depth. */
  public NodeFiles node(ExecutionId id, NodePath path, int attempt) {
    var parent = path.parent();
    if (parent.isPresent()) {
      return node(id, parent.orElseThrow(), path.parentAttempt()).child(path.nodeId(), attempt);
    }
    var data = execution(id).child(path.nodeId()).child("data");
    return new NodeFiles(data, data.child(String.valueOf(attempt)));
  }

  /** The raw data folder of the attempt with this generated name: {@code <raw>/<shard>/<name>}. */
  public DataReference rawOutput(String generatedName) {
    return rawOutputs.child(Naming.rawOutputShard(generatedName)).child(generatedName);
  }

  /** The checkpoint folder of the attempt with this generated name. */
  public DataReference checkpoints(String generatedName) {
    return rawOutput(generatedName).child("_flytecheckpoints");
  }

  /**
   * The files of an attempt of a node.
   *
   * @param dataDirectory the folder that all attempts of the node share
   * @param outputPrefix the folder of this attempt
   */
  public record NodeFiles(DataReference dataDirectory, DataReference outputPrefix) {

    /** An attempt of a node in the graph that this attempt has opened. */
    public NodeFiles child(String nodeId, int attempt) {
      var data = outputPrefix.child(nodeId);
      return new NodeFiles(data, data.child(String.valueOf(attempt)));
    }

    /** An attempt of an element, by index from 0, of an array node. */
    public NodeFiles element(int index, int attempt) {
      var place = index + "/" + attempt;
      return new NodeFiles(dataDirectory.child(place), outputPrefix.child(place));
    }

    /** A {@code flyteidl.core.LiteralMap}. */
    public DataReference inputs() {
      return dataDirectory.child("inputs.pb");
    }

    /** A {@code flyteidl.core.TaskTemplate}; written only if the task needs it. */
    public DataReference taskTemplate() {
      return dataDirectory.child("task.pb");
    }

    /** A {@code flyteidl.core.LiteralMap}. */
    public DataReference outputs() {
      return outputPrefix.child("outputs.pb");
    }

    /** A {@code flyteidl.core.ErrorDocument}. */
    public DataReference error() {
      return outputPrefix.child("error.pb");
    }

    /** A {@code flyteidl.core.DynamicJobSpec}; its presence makes a task dynamic. */
    public DataReference futures() {
      return outputPrefix.child("futures.pb");
    }

    /** The {@code flyteidl.core.CompiledWorkflowClosure} made from {@link #futures()}. */
    public DataReference dynamicClosure() {
      return outputPrefix.child("dynamic_compiled.pb");
    }

    /** The deck, an HTML document. */
    public DataReference deck() {
      return outputPrefix.child("deck.html");
    }

    /** A {@code flyteidl.core.Literal} that is too large for {@link #outputs()}. */
    public DataReference offloaded(String variable) {
      return outputPrefix.child(variable + "_offloaded_metadata.pb");
    }
  }
}
