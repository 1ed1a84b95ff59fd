package io.turboprop.admin.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExpressionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "* * * * *",
        "*/5 0-23/2 ? * mon-FRI",
        "0 6 1,15 JAN,jul 0",
        "5/15 * * * *",
        "TZ=Europe/Berlin 0 6 * * *",
        "CRON_TZ=UTC 0 6 * * *",
        "  0   6 * * *  ",
        "0 0 29 2 *",
        "0 0 30 2 1"
      })
  void aScheduleThatComesIsRead(String text) {
    assertThat(CronExpression.parse(text).comes()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 30 2 *", "0 0 31 4,6,9,11 ?", "0 0 31 feb *"})
  void aDayThatNoMonthHasNeverComes(String text) {
    assertThat(CronExpression.parse(text).comes()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          99 * * * *               | [99] is no minute
          * 24 * * *               | [24] is no hour
          * * 0 * *                | [0] is no day of the month
          * * * 13 *               | [13] is no month
          * * * * 7                | [7] is no day of the week
          a b c d e                | [a] is no minute
          mon * * * *              | [mon] is no minute
          5-1 * * * *              | [5-1] is no minute
          */0 * * * *              | [*/0] is no minute
          *-5 * * * *              | [*-5] is no minute
          1, * * * *               | [] is no minute
          1-2-3 * * * *            | [1-2-3] is no minute
          99999999999 * * * *      | [99999999999] is no minute
          * * L * *                | [L] is no day of the month
          TZ=Nowhere/City 0 6 * * *| [Nowhere/City] is no time zone
          * * * *                  | it has 4 fields
          0 0 6 * * *              | it has 6 fields
          """)
  void aWrongFieldIsNamed(String text, String message) {
    assertThatThrownBy(() -> CronExpression.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({"5/15, 0x4000800100020", "10-20/5, 0x108400", "'1,3', 0xa"})
  void rangesAndStepsAreSetsOfValues(String field, String bits) {
    assertThat(CronExpression.parse(field + " * * * *").minutes()).isEqualTo(Long.decode(bits));
  }
}
