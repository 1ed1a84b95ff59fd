package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListColumnsTest {
  private static final ListColumns COLUMNS =
      ListColumns.of("t", "task", DSL.field("id", Long.class))
          .text("name", DSL.field("name", String.class))
          .number("size", DSL.field("size", Long.class))
          .numbered("state", DSL.field("state", Long.class), Map.of("ACTIVE", 1L))
          .moment("created_at", DSL.field("created_at", Instant.class))
          .seconds("duration", DSL.field("duration", Double.class))
          .named(
              "phase",
              DSL.field("phase", Long.class),
              Map.of("FAILED", 6L, "FAILING", 5L, "QUEUED", 1L))
          .nullableText("error_code", DSL.field("error_code", String.class))
          .text("workflow.name", DSL.field("workflow_name", String.class))
          .joined(
              "execution",
              ListColumns.of("e", "execution", DSL.field("number", Long.class))
                  .text("name", DSL.field("execution_name", String.class)),
              condition -> DSL.exists(DSL.selectOne().from("execution").where(condition)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          EQUAL            | name       | o'x                  | name = 'o''x'
          NOT_LIKE         | name       | a%                   | name not like 'a%'
          CONTAINS         | name       | a_%                  | name like '%a\\_\\%%'
          CONTAINS         | phase      | FAIL                 | phase in (5, 6)
          NOT_LIKE         | phase      | FAIL_D               | phase in (1, 5)
          EQUAL            | phase      | QUEUED               | phase = 1
          EQUAL            | phase      | 6                    | phase = 6
          NOT_EQUAL        | phase      | FAILED               | phase in (1, 5)
          GREATER          | phase      | FAILED               | phase in (1, 5)
          LESS             | phase      | A                    | false
          GREATER          | size       | 5                    | size > 5
          LESS_OR_EQUAL    | size       | 5                    | size <= 5
          EQUAL            | state      | ACTIVE               | state = 1
          NOT_EQUAL        | state      | 0                    | state <> 0
          GREATER_OR_EQUAL | duration   | 1m30s                | duration >= cast(9E1 as double precision)
          LESS             | duration   | 10                   | duration < cast(1E1 as double precision)
          IN               | name       | a                    | name = any (cast('{"a"}' as varchar[]))
          NOT_IN           | size       | 5                    | size <> all (cast('{5}' as bigint[]))
          """)
  void filtersBecomeConditions(Operator operator, String field, String value, String sql) {
    assertThat(sql(new Filter("", field, operator, List.of(value)))).isEqualToIgnoringCase(sql);
  }

  @Test
  void fieldsMayBeNamedWithTheListedEntity() {
    assertThat(sql(new Filter("task", "name", Operator.EQUAL, List.of("x"))))
        .isEqualToIgnoringCase("name = 'x'");
    assertThat(COLUMNS.order(sortedBy("task.name", true))).hasToString("[name asc, id asc]");
  }

  @Test
  void filtersOnAJoinedEntityHoldForOneOfItsRows() {
    assertThat(sql(new Filter("execution", "name", Operator.EQUAL, List.of("x"))))
        .startsWith("exists (")
        .contains("from execution where execution_name = 'x'");
  }

  @Test
  void fieldsOfOtherEntitiesAreNamedWithTheirPrefix() {
    assertThat(sql(new Filter("workflow", "name", Operator.NOT_IN, List.of("a", "b"))))
        .isEqualToIgnoringCase("workflow_name <> all (cast('{\"a\",\"b\"}' as varchar[]))");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''       | secret     | x    | 't.secret' is invalid filter
          workflow | secret     | x    | 'workflow.secret' is invalid filter
          signal   | name       | x    | 'signal' entity is not allowed in filters
          task     | secret     | x    | 't.secret' is invalid filter
          ''       | phase      | LOST | invalid value 'LOST' for phase: not one of [FAILED, FAILING, QUEUED]
          ''       | size       | many | invalid value 'many' for size: not a whole number
          ''       | created_at | now  | invalid value 'now' for created_at: not an RFC 3339 time
          ''       | created_at | +300000-01-01T00:00:00Z | invalid value '+300000-01-01T00:00:00Z' for created_at: not an RFC 3339 time
          ''       | duration   | 5x   | invalid value '5x' for duration: not seconds or a duration
          """)
  void whatIsNotThereIsRefused(String entity, String field, String value, String message) {
    assertThatThrownBy(() -> sql(new Filter(entity, field, Operator.EQUAL, List.of(value))))
        .isInstanceOf(InvalidQueryException.class)
        .hasMessage(message);
  }

  @Test
  void anOrderIsMadeTotalInItsOwnDirection() {
    assertThat(COLUMNS.order(sortedBy("name", false))).hasToString("[name desc, id desc]");
    assertThat(COLUMNS.order(TestingLists.query(List.of(), List.of(), 1, 0)))
        .hasToString("[id asc]");
  }

  @Test
  void anUnknownSortKeyIsRefused() {
    assertThatThrownBy(() -> COLUMNS.order(sortedBy("1; drop table", true)))
        .hasMessage("invalid sort key '1; drop table'");
  }

  private static ListQuery sortedBy(String field, boolean ascending) {
    return TestingLists.query(List.of(), List.of(new Order(field, ascending)), 1, 0);
  }

  private static String sql(Filter filter) {
    var query = TestingLists.query(List.of(filter), List.of(), 1, 0);
    return DSL.using(SQLDialect.POSTGRES).renderInlined(COLUMNS.condition(query));
  }
}
