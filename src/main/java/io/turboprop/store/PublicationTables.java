package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.entity.Publisher;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** How far executions are shown, and those that can't be shown as their journals say. */
public final class PublicationTables {
  private static final String PUBLISHED =
      "select number, published_through from execution where number = any(?::int8[]) and not final";

  /** A request to abort the execution that was not seen has it tried again at once. */
  private static final String PARK =
      """
      update execution set
        parked_at = ?, parked_reason = ?,
        wake_up = case when phase = 9 and not ? then '-infinity'::timestamptz else ? end
      where project = ? and domain = ? and name = ? and not final
      """;

  private final Statements statements;

  public PublicationTables(Database database) {
    this.statements = new Statements(database);
  }

  /**
   * Which step of the journal each of these executions shows; those that have ended, or are gone,
   * are left out: nothing follows for them.
   */
  public Map<Long, Long> publishedThrough(Collection<Long> numbers) {
    return statements
        .list(
            PUBLISHED,
            Statements.Parameters.of((Object) numbers.toArray(Long[]::new)),
            row -> Map.entry(row.number("number"), row.number("published_through")))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /**
   * Shows that the engine can't go on with an execution for now.
   *
   * @return whether there is such an execution that has not ended
   */
  public boolean park(ExecutionId id, Publisher.Parking parking, Instant at) {
    return statements.update(
            PARK,
            Statements.Parameters.of(
                at,
                parking.reason(),
                parking.abortSeen(),
                parking.until(),
                id.project(),
                id.domain(),
                id.name()))
        > 0;
  }
}
