package io.turboprop.admin.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.Common.Sort;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Position;
import io.turboprop.store.ListQuery.Start;
import io.turboprop.store.Page;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListsTest {
  private static final Sort UNSORTED = Sort.getDefaultInstance();
  private static final Sort BY_AGE = Sort.newBuilder().setKey("created_at").build();
  private static final Lists LISTS = new Lists(1 << 20);

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
          eq(user,)          | invalid value for filters: eq(user,) has an empty value
          eq(user, )         | invalid value for filters: eq(user, ) has an empty value
          value_in(phase,A;) | invalid value for filters: value_in(phase,A;) has an empty value
          like(name,x)       | unrecognized filter function: like
          EQ(name,x)         | unrecognized filter function: EQ
          """)
  void filtersOfAnotherFormAreRefused(String filters, String message) {
    assertThatThrownBy(() -> LISTS.query(1, "", filters, UNSORTED))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void noFiltersAreNoCondition() {
    assertThat(Lists.parseFilters("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "99999999999999999999", "p", "p!", "pAAAA", "pf____w"})
  void aTextThatIsNoTokenIsRefused(String token) {
    assertThatThrownBy(() -> LISTS.query(1, token, "", UNSORTED))
        .hasMessage("invalid pagination token " + token);
  }

  @Test
  void aLimitIsRequiredAndBounded() {
    assertThatThrownBy(() -> LISTS.query(0, "", "", UNSORTED))
        .hasMessage("invalid value for limit");
    assertThat(LISTS.query(-1, "", "", UNSORTED).limit()).isEqualTo(Lists.LIMIT_MAX);
    assertThat(LISTS.unlimited(0, "", "", UNSORTED).limit()).isEqualTo(Lists.LIMIT_MAX);
  }

  @Test
  void aTokenGoesOnAfterTheLastRowOfItsPage() {
    var position = new Position(Optional.of("2026-ü"), "17");
    var token = Lists.nextToken(LISTS.query(10, "", "", BY_AGE), page(position));
    assertThat(LISTS.query(10, token, "eq(a,b)", BY_AGE).start())
        .isEqualTo(new Start.After(position));

    var unsorted = new Position(Optional.empty(), "17");
    var next = Lists.nextToken(LISTS.query(10, "", "", UNSORTED), page(unsorted));
    assertThat(LISTS.query(10, next, "", UNSORTED).start()).isEqualTo(new Start.After(unsorted));
  }

  @Test
  void theLastPageHasNoToken() {
    var page = new Page<>(List.of("row"), Optional.empty());
    assertThat(Lists.nextToken(LISTS.query(1, "", "", UNSORTED), page)).isEmpty();
  }

  @Test
  void aTokenOfAnotherOrderIsRefused() {
    var token =
        Lists.nextToken(
            LISTS.query(10, "", "", BY_AGE), page(new Position(Optional.of("1"), "17")));
    var ascending = BY_AGE.toBuilder().setDirection(Sort.Direction.ASCENDING).build();
    for (var other : List.of(UNSORTED, ascending)) {
      assertThatThrownBy(() -> LISTS.query(10, token, "", other))
          .hasMessage("invalid pagination token " + token + ": its list was sorted in another way");
    }
  }

  /** Clients that count rows themselves send tokens that are offsets. */
  @Test
  void aDecimalTokenIsAnOffset() {
    assertThat(LISTS.query(10, "20", "", UNSORTED).start()).isEqualTo(new Start.Skip(20));
  }

  private static Page<String> page(Position last) {
    return new Page<>(List.of("row"), Optional.of(last));
  }

  @Test
  void descendingIsTheDefaultDirection() {
    var sort = Sort.newBuilder().setKey("created_at").build();
    assertThat(LISTS.query(1, "", "", sort).order())
        .containsExactly(new Order("created_at", false));
    assertThat(LISTS.query(1, "", "", UNSORTED).order()).isEmpty();
  }
}
