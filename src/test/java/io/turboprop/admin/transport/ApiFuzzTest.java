package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import datacatalog.DataCatalogGrpc;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.DataProxyServiceGrpc;
import flyteidl.service.SignalServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import io.turboprop.admin.definitions.TestingDefinitions;
import io.turboprop.admin.executions.TestingAdmin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes random calls of every method, by gRPC and REST: well-formed messages, damaged ones, JSON of
 * wrong types. No answer may be a failure of the server, or show how it is built.
 *
 * <p>A seed is a full report: {@code -Dturboprop.fuzz.seed=N} repeats it alone, and {@code
 * -Dturboprop.fuzz.time=PT10M} goes on for longer.
 */
@Tag("integration")
class ApiFuzzTest {
  private static final Set<Code> OUR_FAULT =
      Set.of(Code.INTERNAL, Code.UNKNOWN, Code.UNAUTHENTICATED, Code.DATA_LOSS);
  private static final Pattern INSIDES =
      Pattern.compile(
          "(?i)\\b(io|com|org|java|javax)\\.[a-z]+\\.|[a-z]Exception\\b|Error:|\\bselect .* from\\b"
              + "|insert into|SQLSTATE|\\bjooq\\b|violates|StackOverflow|`");

  /** {@link TestingAdmin} makes this method fail, for other tests. */
  private static final Set<String> FAULTY_BY_DESIGN = Set.of("CreateNodeEvent");

  @TempDir private static Path folder;
  private static TestingAdmin api;

  private final List<io.grpc.MethodDescriptor<?, ?>> methods =
      Stream.of(
              AdminServiceGrpc.getServiceDescriptor(),
              SignalServiceGrpc.getServiceDescriptor(),
              DataProxyServiceGrpc.getServiceDescriptor(),
              DataCatalogGrpc.getServiceDescriptor())
          .map(ServiceDescriptor::getMethods)
          .<io.grpc.MethodDescriptor<?, ?>>flatMap(all -> all.stream())
          .filter(method -> !FAULTY_BY_DESIGN.contains(method.getBareMethodName()))
          .toList();

  @BeforeAll
  static void start() throws IOException {
    api = new TestingAdmin(folder);
    api.admin().createTask(TestingDefinitions.task("a", "v1"));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void noCallMakesTheServerFailOrTell() throws Exception {
    var only = Long.getLong("turboprop.fuzz.seed");
    if (only != null) {
      call(only);
      return;
    }
    var time = Duration.parse(System.getProperty("turboprop.fuzz.time", "PT10S"));
    var end = System.nanoTime() + time.toNanos();
    for (var seed = 0L; System.nanoTime() < end; seed++) {
      call(seed);
    }
  }

  private void call(long seed) throws Exception {
    var random = new Random(seed * 0x9E3779B97F4A7C15L);
    var method = methods.get(random.nextInt(methods.size()));
    var request = request(random, schema(method));
    if (random.nextInt(3) > 0) {
      grpc(seed, method, damaged(random, request.toByteArray()));
    } else {
      rest(seed, random, request);
    }
  }

  private static Message request(Random random, MethodDescriptor method) {
    var builder = DynamicMessage.newBuilder(method.getInputType());
    new RandomMessages(random, 20 + random.nextInt(80)).fill(builder);
    return builder.build();
  }

  /** Now and then some bytes are changed, cut off or doubled. */
  private static byte[] damaged(Random random, byte[] bytes) {
    if (bytes.length == 0 || random.nextInt(3) > 0) {
      return bytes;
    }
    var copy = bytes.clone();
    for (var count = random.nextInt(4); count >= 0; count--) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt();
    }
    return java.util.Arrays.copyOf(copy, 1 + random.nextInt(copy.length));
  }

  private static void grpc(long seed, io.grpc.MethodDescriptor<?, ?> method, byte[] request) {
    var bytes = new BytesMarshaller();
    try {
      ClientCalls.blockingUnaryCall(
          api.channel(), method.toBuilder(bytes, bytes).build(), CallOptions.DEFAULT, request);
    } catch (StatusRuntimeException refused) {
      var status = refused.getStatus();
      var what = "seed %d, %s: %s".formatted(seed, method.getFullMethodName(), status);
      assertThat(status.getCode()).describedAs(what).isNotIn(OUR_FAULT);
      assertTellsNothing(what, String.valueOf(status.getDescription()));
    }
  }

  private static void rest(long seed, Random random, Message request) throws Exception {
    var paths = paths(random);
    var path = paths.get(random.nextInt(paths.size()));
    var verbs = new String[] {"GET", "POST", "PUT", "DELETE"};
    var verb = verbs[random.nextInt(verbs.length)];
    var json = JsonFormat.printer().print(request);
    var body = wrong(random, json);
    var answer = api.http(verb, path, body.getBytes(UTF_8), "Content-Type", "application/json");
    var text = new String(answer.body(), UTF_8);
    var what = "seed %d, %s %s %s: %s".formatted(seed, verb, path, body, text);
    assertThat(answer.statusCode()).describedAs(what).isNotIn(500, 401);
    if (answer.statusCode() >= 400) {
      assertTellsNothing(what, text);
    }
  }

  /** The JSON of a message with some of its tokens exchanged for others. */
  private static String wrong(Random random, String json) {
    var tokens =
        new String[] {
          "null", "[]", "{}", "-1", "1e999", "\"\\u0000\"", "\"\\ud800\"", "\"x\"", "true", "[[]]"
        };
    var parts = new ArrayList<>(List.of(json.split("(?<=[:,])")));
    for (var count = random.nextInt(3); count > 0; count--) {
      var place = random.nextInt(parts.size());
      parts.set(place, tokens[random.nextInt(tokens.length)] + (place % 2 == 0 ? "," : ""));
    }
    return String.join("", parts);
  }

  private static List<String> paths(Random random) {
    var id =
        new String[] {"flytesnacks/development/a/v1", "p/d/n", "a%00/b/c/d", "ä/%F0%9F/x/y", "//"};
    var tail = id[random.nextInt(id.length)];
    var query =
        new String[] {
          "",
          "?limit=1",
          "?limit=99999999999",
          "?limit=1&filters=eq(name,a)+x(",
          "?limit=1&token=x",
          "?limit=1&sort_by.key=nothing"
        };
    var end = tail + query[random.nextInt(query.length)];
    return Stream.of(
            "projects",
            "tasks",
            "task_ids",
            "workflows",
            "launch_plans",
            "active_launch_plans",
            "named_entities/TASK",
            "named_entities/9",
            "description_entities/TASK",
            "signals",
            "project_attributes",
            "project_domain_attributes",
            "workflow_attributes",
            "matchable_attributes",
            "dataproxy/artifact_urn",
            "dataproxy/artifact_link",
            "data",
            "node_executions",
            "task_executions",
            "data/executions",
            "executions/relaunch")
        .map(head -> "/api/v1/" + head + (random.nextBoolean() ? "" : "/" + end))
        .toList();
  }

  private static void assertTellsNothing(String what, String message) {
    assertThat(INSIDES.matcher(message).find()).describedAs(what).isFalse();
  }

  private static MethodDescriptor schema(io.grpc.MethodDescriptor<?, ?> method) {
    if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema) {
      return schema.getMethodDescriptor();
    }
    throw new AssertionError("no protobuf method: " + method.getFullMethodName());
  }

  private static final class BytesMarshaller
      implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
