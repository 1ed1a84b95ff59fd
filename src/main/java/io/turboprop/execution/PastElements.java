package io.turboprop.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.event.Journal;
import io.turboprop.node.PastNodes.PastNode;
import io.turboprop.node.PastNodes.Result;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The elements of map tasks in earlier executions. No row holds the outputs of an element, so they
 * are read from the journal, once for all elements of an array, because callers ask for all of
 * them.
 */
final class PastElements {
  private static final int ELEMENTS_REMEMBERED = 100_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);
  private static final int STEPS_PER_QUERY = 500;

  private final Journal journal;
  private final ValuesReader values;

  /** The cached arrays, which are dropped under memory pressure and read again. */
  private final Cache<Array, Map<String, Success>> arrays =
      Caffeine.newBuilder()
          .maximumWeight(ELEMENTS_REMEMBERED)
          .weigher(PastElements::weight)
          .expireAfterAccess(REMEMBERED_FOR)
          .softValues()
          .build();

  PastElements(Journal journal, ValuesReader values) {
    this.journal = journal;
    this.values = values;
  }

  private record Array(ExecutionId execution, NodePath path, int attempt) {
    boolean holds(NodePath node) {
      return node.parentAttempt() == attempt && node.parent().filter(path::equals).isPresent();
    }
  }

  private record Success(Values outputs, AttemptSummary conclusion) {}

  /** The cache always has room for a single array, however large. */
  private static int weight(Array array, Map<String, Success> successes) {
    return Math.min(successes.size() + 1, ELEMENTS_REMEMBERED / 2);
  }

  /** The element at this path; empty when it has not succeeded, or its outputs are deleted. */
  Optional<PastNode> find(ExecutionId execution, NodePath element) {
    var array = new Array(execution, element.parent().orElseThrow(), element.parentAttempt());
    return Optional.ofNullable(arrays.get(array, this::read).get(element.nodeId()))
        .flatMap(this::node);
  }

  private Optional<PastNode> node(Success success) {
    return values
        .find(success.outputs())
        .map(outputs ->
            PastNode.of(
                new Result(
                    ByteString.EMPTY,
                    Literals.EMPTY,
                    new Literals(outputs),
                    success.conclusion().cache(),
                    success.conclusion().deckUri())));
  }

  private Map<String, Success> read(Array array) {
    try {
      var successes = new HashMap<String, Success>();
      var steps = journal.read(array.execution(), 0, STEPS_PER_QUERY);
      while (!steps.isEmpty()) {
        steps.forEach(step -> collect(array, step.events(), successes));
        steps = journal.read(array.execution(), steps.getLast().sequenceNumber(), STEPS_PER_QUERY);
      }
      return successes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collect(
      Array array, List<WorkflowEvent> events, Map<String, Success> successes) {
    for (var event : events) {
      if (event instanceof WorkflowEvent.NodeSucceeded e && array.holds(e.node())) {
        successes.put(e.node().nodeId(), new Success(e.outputs(), e.conclusion()));
      } else if (event instanceof WorkflowEvent.NodeRecovered e && array.holds(e.node())) {
        successes.put(e.node().nodeId(), new Success(e.outputs(), e.conclusion()));
      }
    }
  }
}
