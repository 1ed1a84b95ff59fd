package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes, each with logs of its own. */
class FileRouteTest {
  @TempDir private Path folder;

  private final List<Server> servers = new ArrayList<>();
  private final List<Path> asked = new CopyOnWriteArrayList<>();
  private URI holder;

  @BeforeEach
  void start() throws IOException {
    Files.createDirectories(folder.resolve("there/p/d/e/a"));
    Files.writeString(folder.resolve("there/p/d/e/a/stdout.log"), "0123456789");
    holder = serve("there", _ -> Optional.empty());
  }

  @AfterEach
  void stop() {
    // their futures would take two seconds, for the quiet period of the accepting thread
    servers.forEach(Server::closeAsync);
  }

  @Test
  void aFileOfAnotherNodeIsFetchedFromThere() throws IOException {
    var door = serve("here", this::holder);
    var answer = get(door, "/logs/p/d/e/a/stdout.log", Optional.empty());
    assertThat(answer.status()).isEqualTo(HttpStatus.OK);
    assertThat(answer.contentUtf8()).isEqualTo("0123456789");
    assertThat(answer.headers().get("content-security-policy")).isNotEmpty();
    assertThat(answer.headers().getAll("content-security-policy")).hasSize(1);
    assertThat(asked).containsExactly(Path.of("p/d/e/a/stdout.log"));
  }

  @Test
  void aPartIsFetchedAsAPart() throws IOException {
    var door = serve("here", this::holder);
    var answer = get(door, "/logs/p/d/e/a/stdout.log", Optional.of("bytes=2-4"));
    assertThat(answer.status()).isEqualTo(HttpStatus.PARTIAL_CONTENT);
    assertThat(answer.contentUtf8()).isEqualTo("234");
    assertThat(answer.headers().get(HttpHeaderNames.CONTENT_RANGE)).isEqualTo("bytes 2-4/10");
  }

  @Test
  void aFileThatIsHereIsNotLookedForElsewhere() {
    var answer = get(holder, "/logs/p/d/e/a/stdout.log", Optional.empty());
    assertThat(answer.contentUtf8()).isEqualTo("0123456789");
    assertThat(asked).isEmpty();
  }

  @Test
  void aFileThatIsNowhereIsNotFound() throws IOException {
    var door = serve("here", this::holder);
    assertThat(get(door, "/logs/p/d/e/b/stdout.log", Optional.empty()).status())
        .isEqualTo(HttpStatus.NOT_FOUND);
    assertThat(get(holder, "/logs/p/d/e/b/stdout.log", Optional.empty()).status())
        .isEqualTo(HttpStatus.NOT_FOUND);
  }

  @Test
  void nodesThatNameEachOtherDoNotAskForEver() throws IOException {
    var first = new ArrayList<URI>();
    var one = serve("one", path -> holder(path).map(_ -> first.getFirst()));
    var two = serve("two", path -> holder(path).map(_ -> one));
    first.add(two);
    assertThat(get(one, "/logs/p/d/e/a/stdout.log", Optional.empty()).status())
        .isEqualTo(HttpStatus.NOT_FOUND);
    assertThat(asked).hasSize(1);
  }

  @Test
  void aNodeThatIsGoneIsNamed() throws IOException {
    URI gone;
    try (var socket = new ServerSocket(0)) {
      gone = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    var door = serve("here", _ -> Optional.of(gone));
    var answer = get(door, "/logs/p/d/e/a/stdout.log", Optional.empty());
    assertThat(answer.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
    assertThat(answer.contentUtf8()).contains(gone.getAuthority());
  }

  private Optional<URI> holder(Path path) {
    asked.add(path);
    return Optional.of(holder);
  }

  private URI serve(String name, Function<Path, Optional<URI>> holders) throws IOException {
    var logs = Files.createDirectories(folder.resolve(name));
    var server =
        Server.builder().http(0).serviceUnder("/logs/", new FileRoute(logs, holders)).build();
    server.start().join();
    servers.add(server);
    return URI.create("http://127.0.0.1:" + server.activeLocalPort());
  }

  private static AggregatedHttpResponse get(URI node, String path, Optional<String> range) {
    var headers = RequestHeaders.builder(HttpMethod.GET, path);
    range.ifPresent(part -> headers.set(HttpHeaderNames.RANGE, part));
    return WebClient.of(node).execute(headers.build()).aggregate().join();
  }
}
