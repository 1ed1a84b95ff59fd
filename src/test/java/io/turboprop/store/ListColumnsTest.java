package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListColumnsTest {
  private static final ListColumns COLUMNS =
      ListColumns.of("t", DSL.field("id", Long.class))
          .text("name", DSL.field("name", String.class))
          .number("size", DSL.field("size", Long.class))
          .numbered("state", DSL.field("state", Long.class), Map.of("ACTIVE", 1L))
          .moment("created_at", DSL.field("created_at", OffsetDateTime.class))
          .seconds("duration", DSL.field("duration", Double.class))
          .text("workflow.name", DSL.field("workflow_name", String.class));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          EQUAL            | name       | o'x                  | name = 'o''x'
          NOT_LIKE         | name       | a%                   | cast(name as varchar) not like 'a%'
          GREATER          | size       | 5                    | size > 5
          LESS_OR_EQUAL    | size       | 5                    | size <= 5
          EQUAL            | state      | ACTIVE               | state = 1
          NOT_EQUAL        | state      | 0                    | state <> 0
          GREATER_OR_EQUAL | duration   | 1m30s                | duration >= cast(9E1 as double precision)
          LESS             | duration   | 10                   | duration < cast(1E1 as double precision)
          IN               | name       | a                    | name in ('a')
          """)
  void filtersBecomeConditions(Operator operator, String field, String value, String sql) {
    assertThat(sql(new Filter("", field, operator, List.of(value)))).isEqualToIgnoringCase(sql);
  }

  @Test
  void fieldsOfOtherEntitiesAreNamedWithTheirPrefix() {
    assertThat(sql(new Filter("workflow", "name", Operator.NOT_IN, List.of("a", "b"))))
        .isEqualToIgnoringCase("workflow_name not in ('a', 'b')");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''       | secret     | x    | 't.secret' is invalid filter
          workflow | secret     | x    | 'workflow.secret' is invalid filter
          signal   | name       | x    | 'signal' entity is not allowed in filters
          ''       | size       | many | invalid value 'many' for size: not a whole number
          ''       | created_at | now  | invalid value 'now' for created_at: not an RFC 3339 time
          ''       | duration   | 5x   | invalid value '5x' for duration: not seconds or a duration
          """)
  void whatIsNotThereIsRefused(String entity, String field, String value, String message) {
    assertThatThrownBy(() -> sql(new Filter(entity, field, Operator.EQUAL, List.of(value))))
        .isInstanceOf(InvalidQueryException.class)
        .hasMessage(message);
  }

  @Test
  void anOrderIsMadeTotalInItsOwnDirection() {
    var query = new ListQuery(List.of(), List.of(new Order("name", false)), 1, 0);
    assertThat(COLUMNS.order(query)).hasToString("[name desc, id desc]");
    assertThat(COLUMNS.order(new ListQuery(List.of(), List.of(), 1, 0))).hasToString("[id asc]");
  }

  @Test
  void anUnknownSortKeyIsRefused() {
    var query = new ListQuery(List.of(), List.of(new Order("1; drop table", true)), 1, 0);
    assertThatThrownBy(() -> COLUMNS.order(query)).hasMessage("invalid sort key '1; drop table'");
  }

  private static String sql(Filter filter) {
    var query = new ListQuery(List.of(filter), List.of(), 1, 0);
    return DSL.using(SQLDialect.POSTGRES).renderInlined(COLUMNS.condition(query));
  }
}
