package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Start;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lists of executions with a long history. {@code -Dturboprop.test.executions=1000000} measures the
 * pages of a longer one, prints how long each takes, and demands that none takes a second.
 */
@Tag("integration")
class ExecutionListingTest {
  private static final int MEASURED = Integer.getInteger("turboprop.test.executions", 0);
  private static final int COUNT = MEASURED == 0 ? 20_000 : MEASURED;
  private static final int LIMIT = 25;

  /**
   * Far fewer than there are, but all that are under way, which pages in the order of their last
   * change sort.
   */
  private static final double READ_MAX = Math.max(2_500, COUNT / 80.0);

  private static final Duration PAGE_MAX = Duration.ofSeconds(1);

  private static final Pattern ROWS =
      Pattern.compile("\"(?:Actual Rows|Rows Removed by [^\"]*)\": ([0-9.]+)");

  private static final Database DATABASE = TestingDatabase.create();
  private static final ExecutionTables EXECUTIONS = new ExecutionTables(DATABASE);

  @BeforeAll
  static void insert() {
    ManyExecutions.insert(DATABASE, COUNT);
  }

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  static Stream<ListQuery> queries() {
    return Stream.of(
        query(null, true),
        query("created_at", false),
        query("execution_name", true),
        query("duration", false),
        query("duration", true),
        query("updated_at", false),
        query("execution_updated_at", true),
        query("created_at", false, filter("", "phase", Operator.EQUAL, "FAILED")),
        query("created_at", false, filter("execution", "phase", Operator.EQUAL, "RUNNING")),
        query(null, true, filter("", "phase", Operator.IN, "FAILED", "ABORTED", "TIMED_OUT")),
        query("created_at", false, filter("", "phase", Operator.NOT_EQUAL, "SUCCEEDED")),
        query("updated_at", false, filter("", "phase", Operator.CONTAINS, "FAIL")),
        query("created_at", false, filter("workflow", "name", Operator.EQUAL, "rare")),
        query("created_at", false, filter("launch_plan", "name", Operator.EQUAL, "rare")),
        query("created_at", false, filter("", "state", Operator.EQUAL, "1")),
        query("created_at", false, filter("", "execution_name", Operator.CONTAINS, "c4ca4238a0")),
        query(null, true, filter("", "execution_name", Operator.CONTAINS, "c4")),
        query("created_at", false, filter("", "execution_name", Operator.CONTAINS, "zzzz")),
        query("created_at", false, filter("", "user", Operator.EQUAL, "user")),
        query("created_at", false, filter("", "user", Operator.EQUAL, "rare")),
        query("created_at", false, filter("", "user", Operator.EQUAL, "nobody")),
        query("created_at", false, tag("team", "team7")),
        query("created_at", false, tag("ticket", "none")),
        query("created_at", false, filter("execution_tag", "key", Operator.EQUAL, "ticket")),
        query(
            "created_at",
            false,
            filter("execution_tag", "key", Operator.EQUAL, "team"),
            filter("execution_tag", "value", Operator.EQUAL, "team7"),
            filter("", "phase", Operator.IN, "FAILED", "FAILING")),
        query(
            null,
            true,
            filter("", "execution_name", Operator.IN, names()),
            filter("", "phase", Operator.IN, "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")),
        query(
            "updated_at",
            false,
            filter("", "execution_name", Operator.IN, names()),
            filter("", "phase", Operator.NOT_IN, "SUCCEEDED")));
  }

  /** Those that a client may follow at once. */
  private static String[] names() {
    return DATABASE
        .sql()
        .select(EXECUTION.NAME)
        .from(EXECUTION)
        .orderBy(EXECUTION.NUMBER.desc())
        .limit(200)
        .fetchArray(EXECUTION.NAME);
  }

  @ParameterizedTest
  @MethodSource("queries")
  void aPageReadsAboutAsManyRowsAsItHas(ListQuery query) {
    assertReadsFewRows(query);
    var middle = new Start.Skip(count(query) / 2);
    var last = list(TestingLists.from(query, middle)).last();
    last.ifPresent(
        position -> assertReadsFewRows(TestingLists.from(query, new Start.After(position))));
    assertThat(last.isPresent() || count(query) <= 2 * LIMIT).isTrue();
    report(query, query);
    last.ifPresent(position -> report(query, TestingLists.from(query, new Start.After(position))));
  }

  /** No step of the plan does. */
  private static void assertReadsFewRows(ListQuery query) {
    var sql = DATABASE.sql();
    var statement =
        ExecutionListing.of(
            sql, ManyExecutions.PROJECT, ManyExecutions.DOMAIN, ExecutionTables.COLUMNS, query);
    var plan =
        sql.fetchSingle(
                "explain (analyze, timing off, format json) "
                    + sql.renderInlined(statement.select(sql, query, LargeReads.SMALL_BYTES_MAX)))
            .get(0, String.class);
    var rows = ROWS.matcher(plan).results().mapToDouble(read -> Double.parseDouble(read.group(1)));
    assertThat(rows.max().orElseThrow()).as(plan).isLessThan(READ_MAX);
  }

  private static void report(ListQuery query, ListQuery page) {
    if (MEASURED > 0) {
      var nanos = Stream.generate(() -> nanos(page)).limit(15).sorted().toList();
      System.out.printf(
          "%5.1f ms, at most %5.1f ms: %s %s %s%n",
          nanos.get(7) / 1e6,
          nanos.getLast() / 1e6,
          page == query ? "first" : "deep",
          query.order(),
          query.filters());
      assertThat(Duration.ofNanos(nanos.get(7))).isLessThan(PAGE_MAX);
    }
  }

  private static long nanos(ListQuery page) {
    var begin = System.nanoTime();
    list(page);
    return System.nanoTime() - begin;
  }

  private static long count(ListQuery query) {
    var sql = DATABASE.sql();
    return sql.fetchCount(
        sql.selectOne().from("execution").where(ExecutionListing.COLUMNS.condition(query)));
  }

  private static Page<ExecutionRow> list(ListQuery query) {
    return EXECUTIONS.list(ManyExecutions.PROJECT, ManyExecutions.DOMAIN, query);
  }

  private static ListQuery query(String key, boolean ascending, Filter... filters) {
    var order = key == null ? List.<Order>of() : List.of(new Order(key, ascending));
    return TestingLists.query(List.of(filters), order, LIMIT, 0);
  }

  private static Filter[] tag(String key, String value) {
    return new Filter[] {
      filter("execution_tag", "key", Operator.EQUAL, key),
      filter("execution_tag", "value", Operator.EQUAL, value)
    };
  }

  private static Filter filter(String entity, String field, Operator operator, String... values) {
    return new Filter(entity, field, operator, List.of(values));
  }
}
