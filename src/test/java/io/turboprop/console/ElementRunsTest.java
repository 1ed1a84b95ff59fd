package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.store.OverviewTables.ElementOverview;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ElementRunsTest {
  @Test
  void neighboursAlikeAreOneRun() {
    var elements =
        List.of(
            new ElementOverview(0, 3, 0),
            new ElementOverview(1, 3, 0),
            new ElementOverview(2, 5, 1),
            new ElementOverview(5, 5, 1));

    assertThat(JsonAnswer.text(ElementRuns.of(elements)))
        .isEqualTo("{\"runs\":[0,3,0,2,2,5,1,1,5,5,1,1]}");
  }

  @Test
  void aHundredThousandAlikeAreASmallAnswer() {
    var elements =
        IntStream.range(0, 100_000).mapToObj(index -> new ElementOverview(index, 3, 0)).toList();

    assertThat(JsonAnswer.text(ElementRuns.of(elements))).hasSizeLessThan(50);
  }
}
