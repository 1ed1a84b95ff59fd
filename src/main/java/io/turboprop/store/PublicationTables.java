package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** How far executions are shown, and those that can't be shown as their journals say. */
public final class PublicationTables {
  private static final String PUBLISHED =
      "select number, published_through from execution where number = any(?::int8[]) and not final";

  private static final String SET_ASIDE =
      """
      with ended as (
        update execution set
          phase = 6, final = true, updated_at = ?, ended_at = ?, wake_up = null,
          error_code = ?, error_message = ?, error_kind = ?
        where project = ? and domain = ? and name = ? and not final
        returning parent_number, parent_path)
      update execution as p set
        wake_up = case when p.wake_up is null then null else '-infinity'::timestamptz end
      from ended
      where p.number = ended.parent_number and ended.parent_path is not null and not p.final
      returning p.project, p.domain, p.name, ended.parent_path
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
   * Ends an execution that can't go on, without its journal: it is shown as failed.
   *
   * @return the node that waits for its end and is to be told, if one does
   */
  public Optional<ParentNode> setAside(ExecutionId id, ExecutionError error, Instant at) {
    return statements.first(
        SET_ASIDE,
        Statements.Parameters.of(
            at,
            at,
            error.code(),
            error.message(),
            error.kind().ordinal(),
            id.project(),
            id.domain(),
            id.name()),
        row -> new ParentNode(row.execution(), new NodePath(row.text("parent_path"))));
  }
}
