package io.turboprop.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.store.ResourceTables.Resource;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AdmissionQueueTest {
  private final AdmissionQueue queue = new AdmissionQueue(2);

  @Test
  void theOldestEntersFirstWhenThereIsRoom() {
    assertThat(queue.enter(resource("old", 1), () -> 2)).isFalse();
    assertThat(queue.enter(resource("new", 2), () -> 1)).isFalse();
    assertThat(queue.first()).contains(resource("old", 1).resource());
    assertThat(queue.enter(resource("old", 1), () -> 1)).isTrue();
  }

  @Test
  void aResourceThatChangesWhileItWaitsKeepsItsPlaceAndHoldsUpNobody() {
    assertThat(queue.enter(resource("old", 1), () -> 2)).isFalse();
    assertThat(queue.enter(resource("new", 2), () -> 2)).isFalse();
    var changed = resource("old", 2, 1);
    assertThat(queue.enter(changed, () -> 1)).isTrue();
    queue.leave(changed.resource());
    assertThat(queue.enter(resource("new", 2), () -> 1)).isTrue();
    assertThat(queue.first()).isEmpty();
  }

  @Test
  void whatCouldNotBecomeAnExecutionLeavesTheWayToTheNext() {
    var failing = resource("old", 1);
    assertThat(queue.enter(failing, () -> 1)).isTrue();
    queue.leave(failing.resource());
    assertThat(queue.enter(resource("new", 2), () -> 1)).isTrue();
  }

  @Test
  void whatIsEnteringTakesRoomThoughItIsNotCountedYet() {
    assertThat(queue.enter(resource("a", 1), () -> 1)).isTrue();
    assertThat(queue.enter(resource("b", 2), () -> 1)).isFalse();
    queue.leave(resource("a", 1).resource());
    assertThat(queue.enter(resource("b", 2), () -> 1)).isTrue();
  }

  @Test
  void whatIsGoneWaitsNoMore() {
    assertThat(queue.enter(resource("old", 1), () -> 2)).isFalse();
    queue.remove(resource("old", 1).resource());
    assertThat(queue.first()).isEmpty();
  }

  @Test
  void aFailedCountLeavesTheResourceWaiting() {
    assertThatThrownBy(() ->
            queue.enter(
                resource("a", 1),
                () -> {
                  throw new IllegalStateException("no database");
                }))
        .hasMessage("no database");
    assertThat(queue.first()).contains(resource("a", 1).resource());
    assertThat(queue.enter(resource("a", 1), () -> 1)).isTrue();
  }

  private static ObservedResource resource(String uid, int createdAt) {
    return resource(uid, 1, createdAt);
  }

  private static ObservedResource resource(String uid, int version, int createdAt) {
    return new ObservedResource(
        new Resource(uid, "n", uid),
        Integer.toString(version),
        Instant.ofEpochSecond(createdAt),
        0,
        false,
        false,
        false);
  }
}
