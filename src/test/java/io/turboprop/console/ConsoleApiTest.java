package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.event.ExecutionFeeds;
import io.turboprop.event.ExecutionWatch;
import io.turboprop.event.Journal;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.Snapshots;
import io.turboprop.event.TestingPlans;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.journal.JournalTables;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.InputTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.OverviewTables;
import io.turboprop.store.TestingDatabase;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what the console's API refuses, and how. */
@Tag("integration")
class ConsoleApiTest {
  private static final String EXECUTION = "/v1/executions/p/d/there";

  private Database database;
  private ExecutionFeeds feeds;
  private ConsoleApi api;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
    new AcceptanceTables(database).accept(TestingPlans.execution("there", Instant.EPOCH));
    var tables = new JournalTables(database);
    var journal = Journal.of(tables);
    var overview = new OverviewTables(database);
    var watch = new ExecutionWatch();
    feeds =
        new ExecutionFeeds(
            watch, journal, PlanNodes.WITHOUT_DYNAMIC, overview::positions, new EventFrames());
    api =
        new ConsoleApi(
            new ConsoleApi.Sources(
                new ExecutionTables(database),
                overview,
                new NodeExecutionTables(database),
                new ArrayElementTables(database),
                new InputTables(database),
                new DynamicPlanTables(database),
                new ExecutionPlans(
                    new CompiledPlans(_ -> Optional.empty(), 1), PlanNodes.WITHOUT_DYNAMIC),
                journal,
                Snapshots.of(tables),
                feeds,
                (_, _) -> Optional.empty(),
                (_, _, _) -> {
                  throw new UnsupportedOperationException("no upload");
                },
                watch::changes));
  }

  @AfterEach
  void stop() {
    api.close();
    feeds.close();
    database.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/why, is missing",
    "/why?node=a/b, not [a/b]",
    "/why?node=a/x/b, not [a/x/b]",
    "/why?node=a/4294967296/b, not [a/4294967296/b]",
    "/why?node=a//b, not [a//b]",
    "/lineage?node=/, not [/]",
    "/elements?node=m&attempt=4294967296, at most 2147483647",
    "/elements?node=m&attempt=-1, not [-1]",
    "/history?after=soon, not [soon]",
    "/events?after=-1, not [-1]",
  })
  void aMalformedRequestIsRefusedWithWhatIsWrong(String call, String message) {
    var answer = get(EXECUTION + call);
    assertThat(answer.status()).isEqualTo(HttpStatus.BAD_REQUEST);
    assertThat(answer.contentUtf8()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/executions/p/d/another, there is no execution",
    "/v1/executions/p/d/there/nothing, no such call",
    "/v1/executions/p/d, no such call",
    "/v2/changes, no such call",
  })
  void whatIsNotThereIsNotFound(String path, String message) {
    var answer = get(path);
    assertThat(answer.status()).isEqualTo(HttpStatus.NOT_FOUND);
    assertThat(answer.contentUtf8()).contains(message);
  }

  @Test
  void theApiOnlyReads() {
    assertThat(send(HttpRequest.of(HttpMethod.POST, EXECUTION)).status())
        .isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
  }

  @Test
  void aStreamThatBeginsAfterTheCloseEndsAtOnce() {
    api.close();
    assertThat(get("/v1/changes").status()).isEqualTo(HttpStatus.OK);
  }

  private AggregatedHttpResponse get(String path) {
    return send(HttpRequest.of(HttpMethod.GET, path));
  }

  private AggregatedHttpResponse send(HttpRequest request) {
    return api.serve(ServiceRequestContext.of(request), request).aggregate().join();
  }
}
