package io.turboprop.console;

import com.fasterxml.jackson.core.JsonGenerator;
import io.turboprop.event.Journal;
import io.turboprop.event.Journal.Step;
import io.turboprop.event.Replay;
import io.turboprop.event.RowChanges;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;
import java.util.List;

/** The journal of an execution for the page: its steps, and whether the rows agree with them. */
final class History {
  private static final int STEPS_PER_QUERY = 200;
  private static final int STEPS_MAX = 50_000;

  private final ExecutionPlans plans;
  private final Journal journal;
  private final NodeExecutionTables nodes;

  History(ExecutionPlans plans, Journal journal, NodeExecutionTables nodes) {
    this.plans = plans;
    this.journal = journal;
    this.nodes = nodes;
  }

  /**
   * Steps with their events, and with the changes that each makes in the rows; blocks.
   *
   * @param after the step before the first; the answer has at most 200 steps
   */
  JsonAnswer.Content steps(ExecutionRow row, long after) throws IOException {
    var plan = plan(row);
    var steps = journal.read(row.accepted().id(), after, STEPS_PER_QUERY);
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("steps");
      for (var step : steps) {
        write(json, row, plan, step);
      }
      json.writeEndArray();
      json.writeBooleanField("more", steps.size() == STEPS_PER_QUERY);
      json.writeEndObject();
    };
  }

  private void write(JsonGenerator json, ExecutionRow row, Plan plan, Step step)
      throws IOException {
    var accepted = row.accepted();
    json.writeStartObject();
    json.writeNumberField("seq", step.sequenceNumber());
    json.writeNumberField(
        "at",
        JsonAnswer.micros(step.events().getLast().at()) - JsonAnswer.micros(accepted.acceptedAt()));
    json.writeArrayFieldStart("events");
    for (var event : step.events()) {
      json.writeString(event.getClass().getSimpleName());
      json.writeString(event instanceof WorkflowEvent.NodeEvent of ? of.node().text() : null);
    }
    json.writeEndArray();
    var changes =
        RowChanges.of(accepted, plan, plans.nodes(), step.sequenceNumber(), step.events());
    ExecutionJson.rows(json, accepted.acceptedAt(), changes);
    json.writeEndObject();
  }

  /** Lives through the whole journal once more, and compares the result with the rows; blocks. */
  JsonAnswer.Content verdict(ExecutionRow row) throws IOException {
    var beginning = new WorkflowState.NotStarted(digest -> plans.get(digest).plan());
    var replay = new Replay(row, plan(row), plans.nodes(), beginning);
    var steps = journal.read(row.accepted().id(), 0, STEPS_PER_QUERY);
    while (!steps.isEmpty() && replay.sequenceNumber() < STEPS_MAX) {
      steps.forEach(step -> replay.add(step, (_, _, _) -> {}));
      steps = journal.read(row.accepted().id(), replay.sequenceNumber(), STEPS_PER_QUERY);
    }
    var differences =
        steps.isEmpty()
            ? replay.differences(nodes.nodes(row.accepted().number(), replay.nodeIds()))
            : List.of("the journal is longer than the %d steps compared here".formatted(STEPS_MAX));
    return json -> {
      json.writeStartObject();
      json.writeNumberField("steps", replay.sequenceNumber());
      json.writeNumberField("nodes", replay.nodeIds().size());
      json.writeArrayFieldStart("differences");
      for (var difference : differences) {
        json.writeString(difference);
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private Plan plan(ExecutionRow row) {
    return plans.get(row.accepted().planDigest()).plan();
  }
}
