package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Position;
import io.turboprop.store.ListQuery.Start;
import io.turboprop.store.TaskTables.NewTask;
import io.turboprop.store.TaskTables.TaskRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class PageQueryTest {
  private static final int COUNT = 300;
  private static final int TASK_BYTES = 10_000;
  private static final NameScope SCOPE = new NameScope("p", "d", "");
  private static final Database DATABASE = TestingDatabase.create();
  private static final ExecutionTables EXECUTIONS = new ExecutionTables(DATABASE);
  private static final TaskTables TASKS = new TaskTables(DATABASE);

  @BeforeAll
  static void insert() {
    ManyExecutions.insert(DATABASE, COUNT);
    for (int i = 0; i < 10; i++) {
      TASKS.insert(task("d", "v" + i, TASK_BYTES));
    }
  }

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id",
        "created_at",
        "updated_at",
        "started_at",
        "deleted_at",
        "duration",
        "execution_name",
        "phase",
        "error_code",
        "error_kind",
        "user",
        "mode"
      })
  void pagesHaveEveryRowOnceInTheOrderOfTheList(String key) {
    for (var ascending : new boolean[] {true, false}) {
      var order = List.of(new Order(key, ascending));
      var whole = names(EXECUTIONS.list(project(), domain(), whole(List.of(), order)));
      assertThat(whole).hasSize(COUNT).doesNotHaveDuplicates();
      var paged =
          TestingLists.pages(
              TestingLists.query(List.of(), order, 7, 0),
              page -> EXECUTIONS.list(project(), domain(), page));
      assertThat(paged.stream().map(row -> row.accepted().id().name())).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"created_at", "updated_at", "duration", "phase"})
  void soHavePagesOfSomePhases(String key) {
    var filters =
        List.of(new Filter("", "phase", Operator.IN, List.of("RUNNING", "ABORTED", "FAILED")));
    var order = List.of(new Order(key, false));
    var all =
        EXECUTIONS.list(project(), domain(), whole(List.of(), order)).rows().stream()
            .filter(row -> List.of(2, 6, 7).contains(row.phase()))
            .map(row -> row.accepted().id().name())
            .toList();
    var paged =
        TestingLists.pages(
            TestingLists.query(filters, order, 3, 0),
            page -> EXECUTIONS.list(project(), domain(), page));
    assertThat(all).hasSizeGreaterThan(6);
    assertThat(paged.stream().map(row -> row.accepted().id().name())).isEqualTo(all);
  }

  @Test
  void rowsThatComeMeanwhileShiftNoPage() {
    var order = List.of(new Order("id", false));
    var first = EXECUTIONS.list(project(), domain(), TestingLists.query(List.of(), order, 5, 0));
    var second = TestingLists.query(List.of(), order, 5, 5);
    var expected = names(EXECUTIONS.list(project(), domain(), second));
    DATABASE
        .sql()
        .execute("update execution set project = 'gone' where name = ?", names(first).getFirst());
    try {
      var next = TestingLists.from(second, new Start.After(first.last().orElseThrow()));
      assertThat(names(EXECUTIONS.list(project(), domain(), next))).isEqualTo(expected);
    } finally {
      DATABASE.sql().execute("update execution set project = ? where project = 'gone'", project());
    }
  }

  @Test
  void aPageEndsBeforeTheRowsGetLargerThanItMay() {
    var query =
        new ListQuery(List.of(), List.of(), 100, 3 * TASK_BYTES + TASK_BYTES / 2, Start.FIRST);
    var page = TASKS.list(SCOPE, query);
    assertThat(versions(page.rows())).containsExactly("v0", "v1", "v2", "v3");
    assertThat(versions(TestingLists.pages(query, next -> TASKS.list(SCOPE, next))))
        .containsExactly("v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9");
  }

  /** Rows before the page do not count. */
  @Test
  void aPageThatBeginsAtAnOffsetHasAsManyBytes() {
    var query = new ListQuery(List.of(), List.of(), 100, 2 * TASK_BYTES, new Start.Skip(5));
    assertThat(versions(TASKS.list(SCOPE, query).rows())).containsExactly("v5", "v6");
  }

  @Test
  void aRowLargerThanAPageIsAPage() {
    var query = new ListQuery(List.of(), List.of(), 100, 1, Start.FIRST);
    assertThat(TASKS.list(SCOPE, query).rows()).hasSize(1);
    assertThat(TestingLists.pages(query, next -> TASKS.list(SCOPE, next))).hasSize(10);
  }

  @Test
  void largeRowsAreChargedBeforeTheyAreRead() throws Exception {
    var scope = new NameScope("p", "large", "");
    var size = (int) LargeReads.SMALL_BYTES_MAX / 2;
    for (int i = 0; i < 3; i++) {
      TASKS.insert(task("large", "v" + i, size));
    }
    TASKS.insert(task("large", "v3", 3 * size));
    var two = new ListQuery(List.of(), List.of(), 100, size + 1000, Start.FIRST);
    var charged = new ArrayList<Long>();
    ScopedValue.where(LargeReads.ACCOUNT, charged::add)
        .run(() -> {
          assertThat(
                  sizes(TASKS.list(scope, new ListQuery(List.of(), List.of(), 1, 1, Start.FIRST))))
              .containsExactly(size);
          assertThat(charged).isEmpty();
          assertThat(sizes(TASKS.list(scope, two))).containsExactly(size, size);
          assertThat(TASKS.find(task("large", "v3", 0).id()).orElseThrow().compiled().size())
              .isEqualTo(3 * size);
        });
    assertThat(charged).hasSize(2);
    assertThat(charged.getFirst()).isBetween(2L * size, 2L * size + 1000);
    assertThat(charged.getLast()).isEqualTo(3L * size);

    LongConsumer poor =
        _ -> {
          throw new IllegalStateException("too much");
        };
    ScopedValue.where(LargeReads.ACCOUNT, poor)
        .run(() ->
            assertThatThrownBy(() -> TASKS.list(scope, two))
                .isInstanceOf(IllegalStateException.class));
  }

  private static NewTask task(String domain, String version, int size) {
    return new NewTask(
        new EntityId(EntityId.Kind.TASK, "p", domain, "task", version),
        "digest",
        "python",
        ByteString.copyFrom(new byte[size]),
        Optional.empty());
  }

  private static List<Integer> sizes(Page<TaskTables.TaskRow> page) {
    return page.rows().stream().map(row -> row.compiled().size()).toList();
  }

  @Test
  void theLastPageSaysThatItIs() {
    assertThat(TASKS.list(SCOPE, TestingLists.query(List.of(), List.of(), 10, 0)).last()).isEmpty();
    assertThat(TASKS.list(SCOPE, TestingLists.query(List.of(), List.of(), 9, 0)).last())
        .isPresent();
    assertThat(TASKS.list(SCOPE, TestingLists.query(List.of(), List.of(), 9, 10)).rows()).isEmpty();
  }

  @Test
  void aPositionOfAnotherListIsRefused() {
    var order = List.of(new Order("created_at", true));
    for (var position :
        List.of(
            new Position(Optional.empty(), "1"),
            new Position(Optional.of("x"), "1"),
            new Position(Optional.of("1"), "x"))) {
      var query = new ListQuery(List.of(), order, 1, 1, new Start.After(position));
      assertThatThrownBy(() -> TASKS.list(SCOPE, query))
          .isInstanceOf(InvalidQueryException.class)
          .hasMessageStartingWith("invalid pagination token");
    }
  }

  private static ListQuery whole(List<Filter> filters, List<Order> order) {
    return TestingLists.query(filters, order, COUNT + 1, 0);
  }

  private static List<String> names(Page<ExecutionRow> page) {
    return page.rows().stream().map(row -> row.accepted().id().name()).toList();
  }

  private static List<String> versions(List<TaskRow> rows) {
    return rows.stream().map(row -> row.id().version()).toList();
  }

  private static String project() {
    return ManyExecutions.PROJECT;
  }

  private static String domain() {
    return ManyExecutions.DOMAIN;
  }
}
