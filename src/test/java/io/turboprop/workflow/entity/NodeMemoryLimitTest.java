package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Of 2,560 nodes; an execution with up to 10 is small. */
final class NodeMemoryLimitTest {
  private final NodeMemoryLimit memoryLimit = new NodeMemoryLimit(2_560);

  private static boolean isAdmitted(CompletionStage<Void> asked) {
    return asked.toCompletableFuture().isDone();
  }

  private NodeMemoryLimit.Reservation holding(long number, long nodes) {
    var reservation = memoryLimit.reservation();
    assertThat(isAdmitted(reservation.reserveTotal(number, nodes))).isTrue();
    return reservation;
  }

  @Test
  void executionsShareTheBoundAndALargeOneWaitsUntilAnotherLeaves() {
    var first = holding(1, 1_500);
    var second = holding(2, 1_000);
    var third = memoryLimit.reservation();

    var asked = third.reserveTotal(3, 100);
    assertThat(isAdmitted(asked)).isFalse();
    assertThat(memoryLimit.waiting()).isEqualTo(1);

    second.release();
    assertThat(isAdmitted(asked)).isTrue();
    assertThat(memoryLimit.nodes()).isEqualTo(1_600);
    first.release();
    third.release();
    assertThat(memoryLimit.nodes()).isZero();
    assertThat(memoryLimit.waiting()).isZero();
  }

  /** They would fill the heap all the same, if there are enough of them. */
  @Test
  void smallExecutionsTogetherGoBeyondTheBoundByHalf() {
    var small = new ArrayList<NodeMemoryLimit.Reservation>();
    for (var number = 1; number <= 384; number++) {
      small.add(holding(number, 10));
    }
    assertThat(memoryLimit.nodes()).isEqualTo(3_840);
    var oldestThatWaits = memoryLimit.reservation();
    assertThat(isAdmitted(oldestThatWaits.reserveTotal(500, 10)))
        .as("one at a time goes on, so that those in memory that wait for it end")
        .isTrue();
    var next = memoryLimit.reservation();
    var asked = next.reserveTotal(501, 10);
    assertThat(isAdmitted(asked)).isFalse();
    small.getFirst().release();
    assertThat(isAdmitted(asked)).isFalse();
    small.getLast().release();
    assertThat(isAdmitted(asked)).isTrue();
    assertThat(memoryLimit.nodes()).isEqualTo(3_840);
  }

  @Test
  void smallExecutionsDoNotWaitForLargeOnes() {
    holding(1, 2_560);
    var small = holding(2, 4);
    assertThat(isAdmitted(small.reserveMore(6))).isTrue();
    assertThat(isAdmitted(small.reserveMore(1))).isFalse();
    assertThat(memoryLimit.nodes()).isEqualTo(2_570);
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
    var reservations = new ArrayList<NodeMemoryLimit.Reservation>();
    var asked = new ArrayList<CompletionStage<Void>>();
    for (var number = 10; number > 0; number--) {
      reservations.add(memoryLimit.reservation());
      asked.add(reservations.getLast().reserveTotal(number, 1_000));
    }
    assertThat(asked.stream().filter(NodeMemoryLimitTest::isAdmitted)).hasSize(3);
    assertThat(memoryLimit.nodes()).isEqualTo(3_000);
    reservations.forEach(NodeMemoryLimit.Reservation::release);
    assertThat(memoryLimit.nodes()).isZero();
  }

  @Test
  void theRightToGoBeyondTheBoundIsGivenBack() {
    holding(3, 2_000);
    holding(2, 1_000).release();
    assertThat(isAdmitted(memoryLimit.reservation().reserveTotal(1, 1_000))).isTrue();
  }

  @Test
  void anExecutionThatIsToBeAbortedDoesNotWait() {
    holding(1, 2_560);
    var reservation = memoryLimit.reservation();
    var asked = reservation.reserveTotal(2, 100);
    assertThat(reservation.isWaiting()).isTrue();
    reservation.admitForAbort();
    assertThat(isAdmitted(asked)).isTrue();
    assertThat(isAdmitted(reservation.reserveMore(100))).isTrue();
    reservation.release();
    assertThat(memoryLimit.nodes()).isEqualTo(2_560);
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
    var reservation = holding(2, 1_000);
    var asked = reservation.reserveMore(1_000);
    assertThat(isAdmitted(asked)).isFalse();

    assertThat(isAdmitted(reservation.reserveTotal(2, 500))).isTrue();
    assertThat(isAdmitted(asked)).as("what is asked for no longer does not wait").isTrue();
    assertThat(memoryLimit.nodes()).isEqualTo(1_500);
  }

  @Test
  void anExecutionThatHasLeftHoldsNothing() {
    holding(1, 2_560);
    var reservation = memoryLimit.reservation();
    var asked = reservation.reserveTotal(2, 100);
    reservation.release();
    assertThat(isAdmitted(asked)).isFalse();
    assertThat(memoryLimit.waiting()).isZero();
    assertThat(isAdmitted(reservation.reserveMore(100))).isTrue();
    assertThat(memoryLimit.nodes()).isEqualTo(2_560);
  }
}
