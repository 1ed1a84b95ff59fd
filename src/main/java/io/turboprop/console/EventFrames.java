package io.turboprop.console;

import io.turboprop.event.FrameEncoder;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.List;

/** Encodes the changes of executions as server-sent events, for {@link ConsoleApi}. */
public final class EventFrames implements FrameEncoder {

  @Override
  public byte[] changes(AcceptedExecution execution, long through, List<RowChange> changes) {
    var rows = ExecutionJson.changes(execution.acceptedAt(), changes);
    return EventStream.event(through, "changes", JsonAnswer.text(rows));
  }

  @Override
  public byte[] moved(Position position) {
    return EventStream.event("position", JsonAnswer.text(ExecutionJson.position(position)));
  }
}
