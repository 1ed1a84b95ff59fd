package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromQlTest {
  @Test
  void metricsAndTheirMatchersAreRead() {
    var query =
        PromQl.parse("sum by (method) (rate(a_total{code=~\"X|Y\", q=\"0.5\"}[5m])) / b > 1");

    assertThat(query.selectors())
        .isEqualTo(
            List.of(
                new PromQl.Selector("a_total", Map.of("code", "", "q", "0.5")),
                new PromQl.Selector("b", Map.of())));
    assertThat(query.grouping()).isEqualTo(Set.of("method"));
    assertThat(query.isAggregated()).isTrue();
  }

  @Test
  void operatorsBetweenNamesAreNoMetrics() {
    var query = PromQl.parse("a > 1 and deriv(a[10m]) > 0");

    assertThat(query.selectors()).extracting(PromQl.Selector::metric).containsExactly("a", "a");
    assertThat(query.isAggregated()).isFalse();
  }

  @Test
  void unknownFunctionIsRefused() {
    assertThatThrownBy(() -> PromQl.parse("rat(a[5m])")).hasMessage("rat in rat(a[5m])");
  }
}
