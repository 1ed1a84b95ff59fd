package io.turboprop.admin.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.Common.Sort;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListsTest {
  private static final Sort UNSORTED = Sort.getDefaultInstance();

  @Test
  void filtersAreJoinedByPlusAndKeepTheirEntities() {
    assertThat(Lists.parseFilters("eq(workflow.name,a.b)+value_in(phase, FAILED;ABORTED)"))
        .containsExactly(
            new Filter("workflow", "name", Operator.EQUAL, List.of("a.b")),
            new Filter("", "phase", Operator.IN, List.of("FAILED", "ABORTED")));
  }

  @Test
  void aValueMayHoldPlusCommaAndParentheses() {
    assertThat(Lists.parseFilters("eq(started_at,2026-01-01T00:00:00+01:00)+contains(name,f(x),y)"))
        .extracting(Filter::value)
        .containsExactly("2026-01-01T00:00:00+01:00", "f(x),y");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eq(name)           | invalid value for filters
          name=x             | invalid value for filters
          eq(na me,x)        | invalid value for filters
          eq(name,x) eq(a,b  | invalid value for filters
          like(name,x)       | unrecognized filter function: like
          EQ(name,x)         | unrecognized filter function: EQ
          """)
  void filtersOfAnotherFormAreRefused(String filters, String message) {
    assertThatThrownBy(() -> Lists.query(1, "", filters, UNSORTED))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void noFiltersAreNoCondition() {
    assertThat(Lists.parseFilters("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "99999999999999999999"})
  void aTokenThatIsNoOffsetIsRefused(String token) {
    assertThatThrownBy(() -> Lists.query(1, token, "", UNSORTED))
        .hasMessage("invalid pagination token " + token);
  }

  @Test
  void aLimitIsRequiredAndBounded() {
    assertThatThrownBy(() -> Lists.query(0, "", "", UNSORTED))
        .hasMessage("invalid value for limit");
    assertThat(Lists.query(-1, "", "", UNSORTED).limit()).isEqualTo(Lists.LIMIT_MAX);
    assertThat(Lists.unlimited(0, "", "", UNSORTED).limit()).isEqualTo(Lists.LIMIT_MAX);
  }

  @Test
  void aFullPageHasATokenAndAShortOneHasNone() {
    var query = Lists.query(10, "20", "", UNSORTED);
    assertThat(Lists.nextToken(query, 10)).isEqualTo("30");
    assertThat(Lists.nextToken(query, 9)).isEmpty();
  }

  @Test
  void descendingIsTheDefaultDirection() {
    var sort = Sort.newBuilder().setKey("created_at").build();
    assertThat(Lists.query(1, "", "", sort).order())
        .containsExactly(new Order("created_at", false));
    assertThat(Lists.query(1, "", "", UNSORTED).order()).isEmpty();
  }
}
