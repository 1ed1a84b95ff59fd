package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Of 2,560 nodes; an execution with up to 10 is small. */
final class NodeAdmissionTest {
  private final NodeAdmission admission = new NodeAdmission(2_560);

  private static boolean isAdmitted(CompletionStage<Void> asked) {
    return asked.toCompletableFuture().isDone();
  }

  private NodeAdmission.Room holding(long number, long nodes) {
    var room = admission.room();
    assertThat(isAdmitted(room.reserveTotal(number, nodes))).isTrue();
    return room;
  }

  @Test
  void executionsShareTheBoundAndALargeOneWaitsUntilAnotherLeaves() {
    var first = holding(1, 1_500);
    var second = holding(2, 1_000);
    var third = admission.room();

    var asked = third.reserveTotal(3, 100);
    assertThat(isAdmitted(asked)).isFalse();
    assertThat(admission.waiting()).isEqualTo(1);

    second.release();
    assertThat(isAdmitted(asked)).isTrue();
    assertThat(admission.nodes()).isEqualTo(1_600);
    first.release();
    third.release();
    assertThat(admission.nodes()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void smallExecutionsNeverWait() {
    holding(1, 2_560);
    var small = holding(2, 4);
    assertThat(isAdmitted(small.reserveMore(6))).isTrue();
    assertThat(isAdmitted(small.reserveMore(1))).isFalse();
    assertThat(admission.nodes()).isEqualTo(2_570);
  }

  @Test
  void theOldestLargeExecutionNeverWaits() {
    var younger = holding(7, 2_000);
    var oldest = holding(3, 2_000);
    assertThat(isAdmitted(oldest.reserveMore(5_000))).isTrue();
    assertThat(isAdmitted(younger.reserveMore(100))).isFalse();
  }

  @Test
  void onlyOneExecutionAtATimeGoesBeyondTheBound() {
    var rooms = new ArrayList<NodeAdmission.Room>();
    var asked = new ArrayList<CompletionStage<Void>>();
    for (var number = 10; number > 0; number--) {
      rooms.add(admission.room());
      asked.add(rooms.getLast().reserveTotal(number, 1_000));
    }
    assertThat(asked.stream().filter(NodeAdmissionTest::isAdmitted)).hasSize(3);
    assertThat(admission.nodes()).isEqualTo(3_000);
    rooms.forEach(NodeAdmission.Room::release);
    assertThat(admission.nodes()).isZero();
  }

  @Test
  void theRightToGoBeyondTheBoundIsGivenBack() {
    holding(3, 2_000);
    holding(2, 1_000).release();
    assertThat(isAdmitted(admission.room().reserveTotal(1, 1_000))).isTrue();
  }

  @Test
  void anExecutionThatIsToBeAbortedDoesNotWait() {
    holding(1, 2_560);
    var room = admission.room();
    var asked = room.reserveTotal(2, 100);
    assertThat(room.isWaiting()).isTrue();
    room.admitForAbort();
    assertThat(isAdmitted(asked)).isTrue();
    assertThat(isAdmitted(room.reserveMore(100))).isTrue();
    room.release();
    assertThat(admission.nodes()).isEqualTo(2_560);
  }

  /** Neither would ever go on if the older one waited, too. */
  @Test
  void executionsThatHoldRoomAndWantMoreDoNotBlockEachOther() {
    var first = holding(1, 1_200);
    var second = holding(2, 1_200);
    var third = holding(3, 100);
    var ofThird = third.reserveMore(1_000);
    var ofSecond = second.reserveMore(1_000);
    assertThat(isAdmitted(first.reserveMore(1_000))).isTrue();
    assertThat(isAdmitted(ofSecond)).isFalse();

    first.release();
    assertThat(isAdmitted(ofSecond)).as("the second is the oldest now").isTrue();
    assertThat(isAdmitted(ofThird)).isFalse();
    second.release();
    assertThat(isAdmitted(ofThird)).isTrue();
  }

  @Test
  void anExecutionThatIsLoadedAgainNeedsWhatItHasThen() {
    holding(1, 1_000);
    var room = holding(2, 1_000);
    var asked = room.reserveMore(1_000);
    assertThat(isAdmitted(asked)).isFalse();

    assertThat(isAdmitted(room.reserveTotal(2, 500))).isTrue();
    assertThat(isAdmitted(asked)).as("what is asked for no longer does not wait").isTrue();
    assertThat(admission.nodes()).isEqualTo(1_500);
  }

  @Test
  void anExecutionThatHasLeftHoldsNothing() {
    holding(1, 2_560);
    var room = admission.room();
    var asked = room.reserveTotal(2, 100);
    room.release();
    assertThat(isAdmitted(asked)).isFalse();
    assertThat(admission.waiting()).isZero();
    assertThat(isAdmitted(room.reserveMore(100))).isTrue();
    assertThat(admission.nodes()).isEqualTo(2_560);
  }
}
