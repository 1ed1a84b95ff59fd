package io.turboprop.journal;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Events of every kind with any content; one seed is one list. */
public final class RandomEvents {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Random random;

  RandomEvents(Random random) {
    this.random = random;
  }

  /** One event of each kind. */
  public List<WorkflowEvent> oneOfEach() {
    return kinds().map(kind -> (WorkflowEvent) filled(kind)).toList();
  }

  /** The concrete records of the sealed family. */
  public static Stream<Class<?>> kinds() {
    return leaves(WorkflowEvent.class);
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(RandomEvents::leaves)
        : Stream.of(type);
  }

  /** Fills the record's components by their types. */
  private Object filled(Class<?> kind) {
    try {
      var components = kind.getRecordComponents();
      var types = Arrays.stream(components).map(c -> c.getType()).toArray(Class<?>[]::new);
      var values = Arrays.stream(components).map(c -> value(c.getName(), c.getType())).toArray();
      var constructor = kind.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(kind.getName(), e);
    }
  }

  private Object value(String name, Class<?> type) {
    return switch (type.getSimpleName()) {
      case "String" -> text();
      case "int" -> random.nextInt(5);
      case "Instant" -> moment();
      case "NodePath" -> path();
      case "Values" -> values();
      case "ExecutionError" -> error();
      case "ExecutionSettings" -> settings();
      case "Progress" -> progress();
      case "AttemptSummary" -> conclusion();
      case "Subgraph" -> contents();
      case "Expiry" -> oneOf(WorkflowEvent.Expiry.values());
      case "Permit" -> oneOf(WorkflowEvent.Permit.values());
      case "Optional" -> optional(this::moment);
      default -> throw new IllegalStateException("no random " + type + " for " + name);
    };
  }

  private String text() {
    return oneOf("", "n0", "ä ∀ 😀", "x".repeat(random.nextInt(300)));
  }

  private Instant moment() {
    return NOON.plus(random.nextLong(-100_000_000_000L, 100_000_000_000L), ChronoUnit.MICROS);
  }

  private NodePath path() {
    var path = NodePath.root("n" + random.nextInt(100));
    return random.nextBoolean() ? path : path.child(random.nextInt(3), "n" + random.nextInt(100));
  }

  private Values values() {
    return oneOf(
        Values.NONE,
        TestingPlans.output(),
        new Values.Stored(new DataReference("s3://bucket/" + random.nextInt())));
  }

  private ExecutionError error() {
    return new ExecutionError(text(), text(), oneOf(ExecutionError.Kind.values()));
  }

  private ExecutionSettings settings() {
    return new ExecutionSettings(
        random.nextInt(100),
        random.nextBoolean(),
        random.nextInt(10),
        random.nextInt(10),
        Duration.of(random.nextInt(10_000_000), ChronoUnit.MICROS),
        Duration.ofHours(random.nextInt(10)),
        random.nextInt(),
        1 + random.nextInt(10),
        1 + random.nextInt(10),
        random.nextBoolean());
  }

  private Subgraph contents() {
    return (Subgraph) filled(oneOf(Subgraph.class.getPermittedSubclasses()));
  }

  private Progress progress() {
    return oneOf(
        Progress.NONE, new Progress(random.nextInt(10), random.nextInt(10), bytes(), bytes()));
  }

  private AttemptSummary conclusion() {
    var cache = new AttemptSummary.Cache(oneOf(AttemptSummary.CacheStatus.values()), bytes());
    return oneOf(
        AttemptSummary.NONE,
        new AttemptSummary(optional(this::moment), bytes(), cache, optional(this::text)));
  }

  private ByteString bytes() {
    var bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private <T> Optional<T> optional(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }

  @SafeVarargs
  private <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
