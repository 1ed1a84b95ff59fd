package io.turboprop.console;

import static io.turboprop.console.JsonAnswer.micros;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.event.AttemptDetails;
import io.turboprop.store.ArrayElementTables.ElementRow;
import java.util.Optional;

/** One element of an array of tasks: its phase, how long it has run, and its logs. */
final class ElementJson {
  private ElementJson() {}

  /**
   * @param attempt the array's attempt, from 0
   * @param element empty if the element has not begun
   */
  static JsonAnswer.Content of(
      ExecutionId execution, String nodeId, int attempt, Optional<ElementRow> element) {
    return json -> {
      json.writeStartObject();
      json.writeBooleanField("begun", element.isPresent());
      if (element.isPresent()) {
        var row = element.orElseThrow();
        var name = Naming.generatedName(execution.name(), nodeId, attempt);
        json.writeStringField("id", Naming.elementName(name, row.index(), row.retry()));
        json.writeNumberField("phase", row.phase());
        json.writeNumberField("retry", row.retry());
        json.writeNumberField("cache", row.cacheStatus());
        json.writeFieldName("ran");
        JsonAnswer.number(json, micros(row.startedAt(), row.updatedAt()));
        json.writeArrayFieldStart("logs");
        for (var log : AttemptDetails.parse(row.details()).getLogsList()) {
          json.writeStartObject();
          json.writeStringField("name", log.getName());
          json.writeStringField("uri", log.getUri());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    };
  }
}
