package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.QueuePlace.Holder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final List<String> notified = new ArrayList<>();
  private final Slots slots = new Slots(2);

  @Test
  void theFirstToArriveIsServedFirst() {
    assertThat(take("a")).isTrue();
    assertThat(take("b")).isTrue();
    assertThat(take("c")).isFalse();
    assertThat(take("d")).isFalse();

    slots.release("a");
    assertThat(notified).containsExactly("c");
    assertThat(take("e")).isFalse();
    assertThat(take("c")).isTrue();

    slots.release("c");
    slots.release("b");
    assertThat(notified).containsExactly("c", "d", "e");
  }

  @Test
  void aRepeatedRequestKeepsThePositionInTheQueue() {
    take("a");
    take("b");
    take("c");
    take("d");
    assertThat(take("c")).isFalse();
    assertThat(take("a")).isTrue();

    slots.release("a");
    assertThat(notified).containsExactly("c");
  }

  @Test
  void releasingTwiceFreesOneSlot() {
    take("a");
    take("b");
    take("c");
    take("d");
    slots.release("a");
    slots.release("a");

    assertThat(notified).containsExactly("c");
  }

  @Test
  void anAttemptThatLeavesTheQueueIsNotNotified() {
    take("a");
    take("b");
    take("c");
    slots.release("c");
    slots.release("a");

    assertThat(notified).isEmpty();
    assertThat(take("d")).isTrue();
  }

  @Test
  void aRunningAttemptCountsEvenBeyondTheLimit() {
    slots.adopt("a", holder("a"));
    slots.adopt("b", holder("b"));
    slots.adopt("c", holder("c"));
    assertThat(take("d")).isFalse();

    slots.release("a");
    assertThat(notified).isEmpty();
    slots.release("b");
    assertThat(notified).containsExactly("d");
  }

  @Test
  void theAttemptThatIsDueFirstIsServedFirst() {
    take("a");
    take("b");
    take("patient", NOON.plusSeconds(60));
    take("urgent", NOON.plusSeconds(1));
    take("late", NOON.plusSeconds(90));
    slots.release("a");
    slots.release("b");
    slots.release("urgent");

    assertThat(notified).containsExactly("urgent", "patient", "late");
  }

  @Test
  void ofThoseThatAreDueAtTheSameTimeTheFirstInTheGraphIsServedFirst() {
    take("a");
    take("b");
    take("third", NOON, 3);
    take("later", NOON.plusSeconds(1), 0);
    take("first", NOON, 1);
    take("second", NOON, 2);
    slots.release("a");
    slots.release("b");
    slots.release("first");
    slots.release("second");

    assertThat(notified).containsExactly("first", "second", "third", "later");
  }

  @Test
  void askingAgainMayChangeWhenItIsDue() {
    take("a");
    take("b");
    take("c", NOON.plusSeconds(1));
    take("d", NOON.plusSeconds(2));
    take("c", NOON.plusSeconds(3));
    slots.release("a");

    assertThat(notified).containsExactly("d");
  }

  @Test
  void thePlaceOfAnAttemptSaysWhatIsAheadAndWhatHoldsTheSlots() {
    take("a");
    take("b");
    take("c", NOON.plusSeconds(2));
    take("urgent", NOON.plusSeconds(1));

    assertThat(slots.place("urgent"))
        .contains(new QueuePlace(0, 2, 2, List.of(holder("a"), holder("b"))));
    assertThat(slots.place("c").orElseThrow().ahead()).isEqualTo(1);
    assertThat(slots.place("a")).isEmpty();

    slots.release("a");
    assertThat(slots.place("c"))
        .contains(new QueuePlace(0, 1, 2, List.of(holder("b"), holder("urgent"))));
  }

  private boolean take(String attempt) {
    return take(attempt, NOON);
  }

  private boolean take(String attempt, Instant dueBy) {
    return take(attempt, dueBy, 0);
  }

  private boolean take(String attempt, Instant dueBy, int position) {
    return slots.take(
        attempt, holder(attempt), new Slots.Turn(dueBy, position), () -> notified.add(attempt));
  }

  private static Holder holder(String attempt) {
    return new Holder(new ExecutionId("p", "d", "e"), new NodePath(attempt), "");
  }
}
