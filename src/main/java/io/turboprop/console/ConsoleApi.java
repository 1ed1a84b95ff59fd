package io.turboprop.console;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.data.DataProxy.UploadPlace;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.Errors;
import io.turboprop.admin.transport.HttpErrors;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.event.ExecutionFeeds;
import io.turboprop.event.Journal;
import io.turboprop.event.Snapshots;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.InputTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.OverviewTables;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The console's own HTTP API, below {@code /console/api/v1/}:
 *
 * <ul>
 *   <li>{@code executions/{project}/{domain}/{name}}: the whole execution as columns, with the step
 *       of the journal that it shows;
 *   <li>{@code …/graph}: the graphs of its plan, and those made at run time;
 *   <li>{@code …/events?after=STEP}: its changes from a step on, as server-sent events whose id is
 *       the step; the header {@code Last-Event-ID} goes before the parameter;
 *   <li>{@code …/why?node=PATH}: why a node waits;
 *   <li>{@code …/elements?node=ID&attempt=N}: the phases of an array's elements, as runs;
 *   <li>{@code …/durations?node=ID&attempt=N}: how many of its elements took how long;
 *   <li>{@code …/element?node=ID&attempt=N&index=I}: one of its elements, with its logs;
 *   <li>{@code …/history?after=STEP}: the steps of its journal, with what each changes;
 *   <li>{@code …/verdict}: whether the rows agree with the journal;
 *   <li>{@code …/lineage?node=PATH}: which outputs a node reads, and which inputs read its own;
 *   <li>{@code inputs/{project}/{domain}?value=TEXT}: the newest executions with this value among
 *       their inputs;
 *   <li>{@code uploads/{project}/{domain}?name=FILE}: a place for a file of the launch form, and
 *       the link by which the page puts it there;
 *   <li>{@code changes}: an event whenever rows of any execution have changed.
 * </ul>
 *
 * <p>Refusals look like those of the API: {@code INVALID_ARGUMENT} (400), {@code NOT_FOUND} (404).
 */
public final class ConsoleApi implements HttpService, AutoCloseable {
  /** The path of the service. */
  public static final String PREFIX = "/console/api/";

  /** Node ids, with the attempt of each node around another: {@code n0/0/n1}. */
  private static final Pattern NODE_PATH = Pattern.compile("[^/]+(/[0-9]{1,9}/[^/]+)*");

  private static final int GRAPHS_MAX = 1_000;
  private static final int NODES_MAX = 100_000;
  private static final int FOLLOWERS_MAX = 2_000;
  private static final int STREAMS_MAX = 2 * FOLLOWERS_MAX;
  private static final int READERS_MAX = 3;

  private static final int WAITING_MAX = 12;

  private static final Duration WAIT_MAX = Duration.ofSeconds(20);

  private final ExecutionTables executions;
  private final OverviewTables overview;
  private final ArrayElementTables elements;
  private final DynamicPlanTables dynamicPlans;
  private final ExecutionPlans plans;
  private final ExecutionFeeds feeds;
  private final WaitingReasons reasons;
  private final History history;
  private final Lineage lineage;
  private final InputSearch inputs;
  private final Uploads uploads;
  private final ChangeTicker ticker;
  private final Semaphore reading = new Semaphore(READERS_MAX);
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * The sources of the service.
   *
   * @param queues the queues in which attempts wait for a slot
   * @param uploads stores files that the page uploads
   * @param changes how often rows of any execution have changed
   */
  public record Sources(
      ExecutionTables executions,
      OverviewTables overview,
      NodeExecutionTables nodes,
      ArrayElementTables elements,
      InputTables inputs,
      DynamicPlanTables dynamicPlans,
      ExecutionPlans plans,
      Journal journal,
      Snapshots snapshots,
      ExecutionFeeds feeds,
      SlotQueues queues,
      Uploads uploads,
      LongSupplier changes) {}

  /** Finds places for files that the page uploads. */
  @FunctionalInterface
  public interface Uploads {
    /**
     * A new place, which no other upload has.
     *
     * @throws AdminException {@code INVALID_ARGUMENT} when a part leads elsewhere
     */
    UploadPlace place(String project, String domain, String fileName);
  }

  public ConsoleApi(Sources sources) {
    this.executions = sources.executions();
    this.overview = sources.overview();
    this.elements = sources.elements();
    this.dynamicPlans = sources.dynamicPlans();
    this.plans = sources.plans();
    this.feeds = sources.feeds();
    var states =
        new StateReader(
            sources.snapshots(), sources.journal(), digest -> sources.plans().get(digest).plan());
    this.reasons = new WaitingReasons(sources.plans(), states, sources.queues());
    this.history = new History(sources.plans(), sources.journal(), sources.nodes());
    this.inputs = new InputSearch(sources.inputs());
    this.lineage = new Lineage(sources.plans());
    this.uploads = sources.uploads();
    this.ticker = new ChangeTicker(sources.changes());
  }

  /** A request, with the path in its decoded segments. */
  private record Asked(
      ServiceRequestContext context, RequestHeaders headers, List<String> path, QueryParams query) {
    String parameter(String name) {
      var value = query.get(name, "");
      if (value.isEmpty()) {
        throw AdminException.invalidArgument("the parameter '%s' is missing".formatted(name));
      }
      return value;
    }

    NodePath node() {
      var text = parameter("node");
      if (!NODE_PATH.matcher(text).matches()) {
        throw AdminException.invalidArgument(
            "node must be a path such as n0 or n0/0/n1, not [%s]".formatted(text));
      }
      return new NodePath(text);
    }

    int count(String name, String text) {
      var number = number(name, text);
      if (number > Integer.MAX_VALUE) {
        throw AdminException.invalidArgument(
            "%s must be at most %d, not %d".formatted(name, Integer.MAX_VALUE, number));
      }
      return (int) number;
    }

    long number(String name, String text) {
      try {
        var number = Long.parseLong(text);
        if (number >= 0) {
          return number;
        }
      } catch (NumberFormatException _) {
        // refused below, like a negative number
      }
      throw AdminException.invalidArgument(
          "%s must be a number of at least 0, not [%s]".formatted(name, text));
    }

    int attempt() {
      return count("attempt", query.get("attempt", "0"));
    }
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (request.method() != HttpMethod.GET) {
      return HttpResponse.of(HttpStatus.METHOD_NOT_ALLOWED);
    }
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> answer(context, request.headers()), context.blockingTaskExecutor()));
  }

  private HttpResponse answer(ServiceRequestContext context, RequestHeaders headers) {
    try {
      var path =
          Arrays.stream(context.mappedPath().substring(1).split("/", -1))
              .map(ConsoleApi::decoded)
              .toList();
      var query = QueryParams.fromQueryString(context.query() == null ? "" : context.query());
      return answer(new Asked(context, headers, path, query));
    } catch (IOException | RuntimeException refusal) {
      return HttpErrors.response(Errors.status(refusal));
    }
  }

  private HttpResponse answer(Asked asked) throws IOException {
    var path = asked.path();
    if (path.equals(List.of("v1", "changes"))) {
      var stream = opened(asked.context());
      ticker.follow(asked.context(), stream);
      return stream.response();
    }
    if (path.size() == 4 && path.subList(0, 2).equals(List.of("v1", "inputs"))) {
      return limited(() ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              inputs.search(path.get(2), path.get(3), asked.parameter("value"))));
    }
    if (path.size() == 4 && path.subList(0, 2).equals(List.of("v1", "uploads"))) {
      return upload(asked, path.get(2), path.get(3));
    }
    if (path.size() < 5
        || path.size() > 6
        || !path.subList(0, 2).equals(List.of("v1", "executions"))) {
      throw AdminException.notFound("the console has no such call");
    }
    var row = execution(new ExecutionId(path.get(2), path.get(3), path.get(4)));
    var what = path.size() == 5 ? "" : path.get(5);
    return what.equals("events") ? events(asked, row) : limited(() -> read(asked, row, what));
  }

  private HttpResponse upload(Asked asked, String project, String domain) {
    var place = uploads.place(project, domain, asked.parameter("name"));
    return JsonAnswer.of(
        asked.context(),
        asked.headers(),
        json -> {
          json.writeStartObject();
          json.writeStringField("url", place.url());
          json.writeStringField("uri", place.uri());
          json.writeEndObject();
        });
  }

  /** A read that may take much memory. */
  @FunctionalInterface
  private interface Read {
    HttpResponse answer() throws IOException;
  }

  /** Bounds how many requests read a whole execution at once, because each may take much memory. */
  private HttpResponse limited(Read read) throws IOException {
    try {
      if (reading.getQueueLength() >= WAITING_MAX
          || !reading.tryAcquire(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AdminException(
            Code.RESOURCE_EXHAUSTED,
            "too many requests of the console read executions at the moment; try again in some seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AdminException(Code.UNAVAILABLE, "the engine stops");
    }
    try {
      return read.answer();
    } finally {
      reading.release();
    }
  }

  private HttpResponse read(Asked asked, ExecutionRow row, String what) throws IOException {
    return switch (what) {
      case "" ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              ExecutionJson.snapshot(
                  row, overview.nodes(row.accepted().number(), NODES_MAX), NODES_MAX));
      case "graph" -> JsonAnswer.of(asked.context(), asked.headers(), graph(row));
      case "why" -> JsonAnswer.of(asked.context(), asked.headers(), reasons.of(row, asked.node()));
      case "history" ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              history.steps(row, asked.number("after", asked.query().get("after", "0"))));
      case "verdict" -> JsonAnswer.of(asked.context(), asked.headers(), history.verdict(row));
      case "lineage" ->
          JsonAnswer.of(asked.context(), asked.headers(), lineage.of(row, asked.node()));
      case "elements" ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              ElementRuns.of(
                  overview.elements(
                      row.accepted().number(), asked.parameter("node"), asked.attempt())));
      case "durations" ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              ElementDurations.of(
                  overview.durations(
                      row.accepted().number(),
                      asked.parameter("node"),
                      asked.attempt(),
                      ElementDurations.bounds())));
      case "element" ->
          JsonAnswer.of(
              asked.context(),
              asked.headers(),
              ElementJson.of(
                  row.accepted().id(),
                  asked.parameter("node"),
                  asked.attempt(),
                  elements.find(
                      row.accepted().number(),
                      asked.parameter("node"),
                      asked.attempt(),
                      asked.count("index", asked.parameter("index")))));
      default -> throw AdminException.notFound("the console has no such call");
    };
  }

  private ExecutionRow execution(ExecutionId id) {
    return executions
        .find(id)
        .orElseThrow(() -> AdminException.notFound("there is no execution %s".formatted(id)));
  }

  private JsonAnswer.Content graph(ExecutionRow row) {
    var root = plans.get(row.accepted().planDigest()).plan().root();
    var made =
        dynamicPlans.list(row.accepted().number(), GRAPHS_MAX).stream()
            .map(each ->
                new GraphJson.Made(
                    each.node().text(), each.attempt(), plans.get(each.digest()).plan().root()))
            .toList();
    return GraphJson.of(root, made);
  }

  private HttpResponse events(Asked asked, ExecutionRow row) {
    var resumed = asked.headers().get(HttpHeaderNames.LAST_EVENT_ID);
    var after =
        resumed == null
            ? asked.number("after", asked.parameter("after"))
            : asked.number("Last-Event-ID", resumed);
    if (feeds.size() >= FOLLOWERS_MAX) {
      throw new AdminException(
          Code.RESOURCE_EXHAUSTED, "%d pages follow executions already".formatted(FOLLOWERS_MAX));
    }
    var plan = plans.get(row.accepted().planDigest()).plan();
    var stream = opened(asked.context());
    var follower = new StreamFollower(stream);
    var watch = feeds.follow(row.accepted(), plan, after, follower);
    stream.ended().whenComplete((_, _) -> watch.close());
    return stream.response();
  }

  /** Opens a stream that ends when this service is closed, if not before. */
  private EventStream opened(ServiceRequestContext context) {
    if (streams.size() >= STREAMS_MAX) {
      throw new AdminException(
          Code.RESOURCE_EXHAUSTED, "%d pages are open already".formatted(STREAMS_MAX));
    }
    var stream = EventStream.open(context);
    streams.add(stream);
    stream.ended().whenComplete((_, _) -> streams.remove(stream));
    if (closed) {
      stream.close();
    }
    return stream;
  }

  /**
   * Ends all streams, so that the server need not wait for them; browsers connect again by
   * themselves.
   */
  @Override
  public void close() {
    closed = true;
    streams.forEach(stream -> {
      if (stream.isTaken()) {
        stream.close();
      } else {
        stream.abort();
      }
    });
  }

  private static String decoded(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw AdminException.invalidArgument("malformed path: " + malformed.getMessage());
    }
  }
}
