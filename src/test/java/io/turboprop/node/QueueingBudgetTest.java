package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.QualityOfService;
import flyteidl.core.Execution.QualityOfService.Tier;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueueingBudgetTest {

  @Test
  void higherTiersWaitShorter() {
    assertThat(tier(Tier.HIGH)).isLessThan(tier(Tier.MEDIUM));
    assertThat(tier(Tier.MEDIUM)).isLessThan(tier(Tier.LOW));
  }

  @Test
  void executionsWithoutATierHaveTheMediumBudget() {
    assertThat(QueueingBudget.of(QualityOfService.getDefaultInstance()))
        .isEqualTo(tier(Tier.MEDIUM));
    assertThat(tier(Tier.UNDEFINED)).isEqualTo(tier(Tier.MEDIUM));
  }

  @Test
  void budgetCanBeSaidInFull() {
    var quality = QualityOfService.newBuilder();
    quality.getSpecBuilder().getQueueingBudgetBuilder().setSeconds(7).setNanos(500_000_000);

    assertThat(QueueingBudget.of(quality.build())).isEqualTo(Duration.ofMillis(7_500));
  }

  private static Duration tier(Tier tier) {
    return QueueingBudget.of(QualityOfService.newBuilder().setTier(tier).build());
  }
}
