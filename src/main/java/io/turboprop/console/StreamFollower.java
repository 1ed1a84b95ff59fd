package io.turboprop.console;

import io.turboprop.event.ExecutionFeeds;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Sends the changes of one execution to one browser. */
record StreamFollower(EventStream stream, Instant accepted) implements ExecutionFeeds.Follower {

  @Override
  public CompletionStage<Void> changed(long through, List<RowChange> changes) {
    return stream.send(
        through, "changes", JsonAnswer.text(ExecutionJson.changes(accepted, changes)));
  }

  @Override
  public CompletionStage<Void> moved(Position position) {
    return stream.send("position", JsonAnswer.text(ExecutionJson.position(position)));
  }

  @Override
  public void restart() {
    var _ = stream.send("reset", "{}");
    stream.close();
  }

  @Override
  public void gone() {
    var _ = stream.send("gone", "{}");
    stream.close();
  }
}
