package io.turboprop.event;

import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.List;

/**
 * Encodes the frames that a feed delivers. A frame is encoded once for all followers that get it,
 * so no follower may change its bytes.
 */
public interface FrameEncoder {

  /**
   * Rows of an execution have changed.
   *
   * @param through the step of the journal that the rows show with these changes
   * @param changes at most one per row
   */
  byte[] changes(AcceptedExecution execution, long through, List<RowChange> changes);

  /** The execution's phase, parking or archiving has changed, perhaps without a step. */
  byte[] moved(Position position);
}
