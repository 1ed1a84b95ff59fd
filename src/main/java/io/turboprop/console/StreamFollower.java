package io.turboprop.console;

import io.turboprop.event.ExecutionFeeds;
import java.util.concurrent.CompletionStage;

/** Sends the changes of one execution to one browser. */
record StreamFollower(EventStream stream) implements ExecutionFeeds.Follower {

  @Override
  public CompletionStage<Void> take(byte[] frame) {
    return stream.send(frame);
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
