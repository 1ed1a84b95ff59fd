package io.turboprop.console;

import static io.turboprop.console.JsonAnswer.micros;
import static io.turboprop.console.JsonAnswer.number;

import com.fasterxml.jackson.core.JsonGenerator;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.OverviewTables.NodeOverview;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.store.StartUp;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.store.Timestamps;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of an execution and its changes for the console's page. The nodes are written as
 * columns: an array per field, with the nodes in the order of their creation. Times are in
 * microseconds; in a column, each time is the difference to the one before, which compresses well.
 * Phases are Flyte's numbers.
 */
final class ExecutionJson {
  private ExecutionJson() {}

  /**
   * A whole execution.
   *
   * @param row the execution's row, read before the nodes, so that its step is not later than the
   *     step of the nodes
   * @param nodesMax the limit of the query for nodes; if there are as many nodes, some may be left
   *     out
   */
  static JsonAnswer.Content snapshot(ExecutionRow row, List<NodeOverview> nodes, int nodesMax) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("seq", row.accepted().publishedThrough());
      json.writeNumberField("accepted", micros(row.accepted().acceptedAt()));
      json.writeBooleanField("truncated", nodes.size() >= nodesMax);
      json.writeObjectFieldStart("execution");
      execution(json, row);
      json.writeEndObject();
      json.writeObjectFieldStart("nodes");
      columns(json, row.accepted().acceptedAt(), nodes);
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  private static void execution(JsonGenerator json, ExecutionRow row) throws IOException {
    json.writeNumberField("phase", row.phase());
    json.writeBooleanField("ended", row.ended());
    json.writeBooleanField("archived", row.archived());
    json.writeNumberField("parallelism", row.accepted().settings().parallelismMax());
    entity(json, "workflow", row.workflow());
    entity(json, "launched", row.launched());
    times(json, row.accepted().acceptedAt(), row.moments());
    error(json, row.error());
    if (row.abort() != null) {
      json.writeStringField("abort", row.abort().cause());
    }
    if (row.parked() != null) {
      json.writeStringField("parked", row.parked().reason());
    }
  }

  private static void columns(JsonGenerator json, Instant accepted, List<NodeOverview> nodes)
      throws IOException {
    texts(json, "path", nodes, NodeOverview::path);
    texts(
        json,
        "id",
        nodes,
        node -> node.path().replace('/', '-').equals(node.nodeId()) ? null : node.nodeId());
    numbers(json, "phase", nodes, node -> (long) node.phase());
    numbers(json, "attempt", nodes, node -> (long) node.attempt());
    json.writeArrayFieldStart("created");
    var before = accepted;
    for (var node : nodes) {
      var created = created(node);
      json.writeNumber(ChronoUnit.MICROS.between(before, created));
      before = created;
    }
    json.writeEndArray();
    numbers(json, "started", nodes, node -> micros(created(node), node.moments().startedAt()));
    numbers(
        json,
        "ended",
        nodes,
        node ->
            micros(
                node.moments().startedAt() == null ? created(node) : node.moments().startedAt(),
                node.moments().endedAt()));
    numbers(json, "task", nodes, node -> node.task() == null ? null : (long) node.task().phase());
    numbers(
        json,
        "taskStarted",
        nodes,
        node -> node.task() == null ? null : micros(created(node), node.task().startedAt()));
    moments(json, "initializing", nodes, StartUp::initializingAt);
    moments(json, "codeBegan", nodes, StartUp::codeBeganAt);
    numbers(
        json,
        "elements",
        nodes,
        node ->
            node.task() == null || node.task().elements() == null
                ? null
                : (long) node.task().elements());
    numbers(json, "cache", nodes, node -> (long) node.cacheStatus());
    texts(json, "error", nodes, NodeOverview::errorCode);
    numbers(json, "flags", nodes, ExecutionJson::flags);
  }

  /**
   * A moment of the attempts' start-up, as a time since the node's creation; left out if no node
   * has it.
   */
  private static void moments(
      JsonGenerator json,
      String name,
      List<NodeOverview> nodes,
      Function<StartUp, @Nullable Instant> moment)
      throws IOException {
    Function<NodeOverview, @Nullable Long> micros =
        node ->
            node.task() == null ? null : micros(created(node), moment.apply(node.task().startUp()));
    if (nodes.stream().anyMatch(node -> micros.apply(node) != null)) {
      numbers(json, name, nodes, micros);
    }
  }

  private static Instant created(NodeOverview node) {
    var created = node.moments().createdAt();
    return created == null ? node.moments().updatedAt() : created;
  }

  /** Bit 1: holds a graph; bit 2: has a deck; bit 4: has outputs. */
  private static long flags(NodeOverview node) {
    return (node.parent() ? 1 : 0) | (node.deck() ? 2 : 0) | (node.outputs() ? 4 : 0);
  }

  private static void texts(
      JsonGenerator json,
      String name,
      List<NodeOverview> nodes,
      Function<NodeOverview, @Nullable String> text)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (var node : nodes) {
      json.writeString(text.apply(node));
    }
    json.writeEndArray();
  }

  private static void numbers(
      JsonGenerator json,
      String name,
      List<NodeOverview> nodes,
      Function<NodeOverview, @Nullable Long> value)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (var node : nodes) {
      number(json, value.apply(node));
    }
    json.writeEndArray();
  }

  /**
   * Changes of rows; fields that have not changed are left out. Times are microseconds after the
   * acceptance.
   */
  static JsonAnswer.Content changes(Instant accepted, List<RowChange> changes) {
    return json -> {
      json.writeStartObject();
      rows(json, accepted, changes);
      json.writeEndObject();
    };
  }

  /** Writes the changes as a field of an object. */
  static void rows(JsonGenerator json, Instant accepted, List<RowChange> changes)
      throws IOException {
    json.writeArrayFieldStart("rows");
    for (var change : changes) {
      json.writeStartObject();
      switch (change) {
        case ExecutionChange execution -> execution(json, accepted, execution);
        case NodeExecutionChange node -> node(json, accepted, node);
        case TaskExecutionChange task -> task(json, accepted, task);
        case ArrayElementChange element -> element(json, element);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void execution(JsonGenerator json, Instant accepted, ExecutionChange change)
      throws IOException {
    json.writeStringField("row", "execution");
    if (change.phase() != null) {
      json.writeNumberField("phase", change.phase());
      json.writeBooleanField("ended", change.ended());
    }
    times(json, accepted, change.moments());
    error(json, change.error());
    if (change.abortCause() != null) {
      json.writeStringField("abort", change.abortCause());
    }
  }

  private static void node(JsonGenerator json, Instant accepted, NodeExecutionChange change)
      throws IOException {
    json.writeStringField("row", "node");
    json.writeStringField("id", change.key().nodeId());
    json.writeStringField("path", change.path().text());
    json.writeNumberField("phase", change.phase());
    json.writeNumberField("attempt", change.attempt());
    times(json, accepted, change.moments());
    error(json, change.error());
    if (change.cache() != null) {
      json.writeNumberField("cache", change.cache().status().number());
    }
    if (change.parent()) {
      json.writeBooleanField("parent", true);
    }
    if (change.deckUri() != null) {
      json.writeBooleanField("deck", true);
    }
    if (change.outputs() != null) {
      json.writeBooleanField("outputs", true);
    }
  }

  private static void task(JsonGenerator json, Instant accepted, TaskExecutionChange change)
      throws IOException {
    json.writeStringField("row", "task");
    json.writeStringField("id", change.key().nodeId());
    json.writeNumberField("attempt", change.key().attempt());
    json.writeNumberField("phase", change.phase());
    times(json, accepted, change.moments());
    time(json, "initializing", accepted, change.startUp().initializingAt());
    time(json, "code_began", accepted, change.startUp().codeBeganAt());
    if (change.elements() != null) {
      json.writeNumberField("elements", change.elements());
    }
  }

  private static void element(JsonGenerator json, ArrayElementChange change) throws IOException {
    json.writeStringField("row", "element");
    json.writeStringField("id", change.key().nodeId());
    json.writeNumberField("attempt", change.key().attempt());
    json.writeNumberField("index", change.key().index());
    json.writeNumberField("phase", change.phase());
    json.writeNumberField("retry", change.retry());
  }

  /** The fields of an execution that can change without a step of the journal. */
  static JsonAnswer.Content position(Position position) {
    return json -> {
      json.writeStartObject();
      json.writeNumberField("phase", position.phase());
      json.writeBooleanField("ended", position.ended());
      json.writeBooleanField("archived", position.archived());
      json.writeStringField("parked", position.parked());
      json.writeEndObject();
    };
  }

  private static void times(JsonGenerator json, Instant accepted, Timestamps times)
      throws IOException {
    time(json, "created", accepted, times.createdAt());
    time(json, "started", accepted, times.startedAt());
    time(json, "updated", accepted, times.updatedAt());
    time(json, "ended_at", accepted, times.endedAt());
  }

  private static void time(
      JsonGenerator json, String name, Instant accepted, @Nullable Instant time)
      throws IOException {
    var micros = micros(accepted, time);
    if (micros != null) {
      json.writeNumberField(name, micros);
    }
  }

  private static void error(JsonGenerator json, @Nullable ExecutionError error) throws IOException {
    if (error != null) {
      json.writeObjectFieldStart("error");
      json.writeStringField("code", error.code());
      json.writeStringField("message", error.message());
      json.writeStringField("kind", error.kind().name());
      json.writeEndObject();
    }
  }

  private static void entity(JsonGenerator json, String name, EntityId id) throws IOException {
    json.writeArrayFieldStart(name);
    entity(json, id);
    json.writeEndArray();
  }

  /** The five parts of an identifier, the kind first. */
  static void entity(JsonGenerator json, EntityId id) throws IOException {
    json.writeString(id.kind().name());
    json.writeString(id.project());
    json.writeString(id.domain());
    json.writeString(id.name());
    json.writeString(id.version());
  }
}
