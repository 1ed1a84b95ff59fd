package io.turboprop.execution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.execution.BegunNodes.BegunNode;
import io.turboprop.node.PastNodes;
import io.turboprop.store.ResourceTables;
import io.turboprop.workflow.state.AttemptSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The nodes of earlier executions, and those that FlytePropeller has run of an execution that this
 * engine has taken over: for such an execution it is the execution itself that is asked for. Their
 * outputs are read from where FlytePropeller has put them.
 */
public final class BegunExecutions implements PastNodes {
  private static final long REMEMBERED_MAX = 100;

  /** Short, because an execution can be taken over, and its name used again, at any time. */
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private static final int ATTEMPTS_MAX = 100;
  private static final String OUTPUTS = "outputs.pb";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final PastNodes others;
  private final ResourceTables resources;
  private final BlobStorage storage;
  private final Cache<ExecutionId, Optional<BegunNodes>> begun =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).expireAfterWrite(REMEMBERED).build();

  /**
   * @param others the nodes of all other executions
   */
  public BegunExecutions(PastNodes others, ResourceTables resources, BlobStorage storage) {
    this.others = others;
    this.resources = resources;
    this.storage = storage;
  }

  @Override
  public Optional<PastNode> find(ExecutionId execution, NodePath node) {
    var nodes = begun.get(execution, id -> resources.begun(id).map(BegunExecutions::parse));
    return nodes == null || nodes.isEmpty()
        ? others.find(execution, node)
        : nodes.orElseThrow().find(node).map(this::past);
  }

  @Override
  public boolean isSourceGone(long execution) {
    return others.isSourceGone(execution);
  }

  private static BegunNodes parse(String status) {
    try {
      return new BegunNodes(JSON.readTree(status));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the stored status of a resource is no JSON", e);
    }
  }

  private PastNode past(BegunNode node) {
    try {
      var graph =
          node.isDynamic()
              ? node.attempt().map(attempt -> node.attempt(attempt).child("futures.pb"))
              : Optional.<DataReference>empty();
      return new PastNode(result(node), graph, Optional.empty(), Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The result; empty if the node has not succeeded, or its outputs are gone. */
  private Optional<Result> result(BegunNode node) throws IOException {
    if (!node.hasSucceeded()) {
      return Optional.empty();
    }
    var attempt = node.attempt().isPresent() ? node.attempt() : lastWithOutputs(node);
    if (attempt.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Result(
            ByteString.EMPTY,
            read(node.data().child("inputs.pb")),
            read(node.attempt(attempt.orElseThrow()).child(OUTPUTS)),
            AttemptSummary.Cache.DISABLED,
            Optional.empty()));
  }

  private Optional<Integer> lastWithOutputs(BegunNode node) throws IOException {
    var found = Optional.<Integer>empty();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (storage.store().size(node.attempt(attempt).child(OUTPUTS)).isPresent()) {
        found = Optional.of(attempt);
      } else if (storage.store().list(node.attempt(attempt)).isEmpty()) {
        return found;
      }
    }
    return found;
  }

  /** A literal map; a node without inputs or outputs has no file of them. */
  private Literals read(DataReference place) throws IOException {
    return storage.store().size(place).isPresent() ? storage.read(place) : Literals.EMPTY;
  }
}
