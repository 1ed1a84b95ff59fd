package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import io.grpc.InsecureServerCredentials;
import io.turboprop.catalog.CacheKey;
import io.turboprop.catalog.Catalog.Hit;
import io.turboprop.catalog.Catalog.Reservation;
import io.turboprop.catalog.CatalogSettings;
import io.turboprop.data.Literals;
import io.turboprop.data.Outage;
import io.turboprop.event.TestingPlans;
import io.turboprop.flyteadmin.FlyteAdminSettings.Connection;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataCatalogClientTest {
  private static final CacheKey KEY =
      new CacheKey("p", "d", "flyte_task-tasks.double", "1-abc-def", "flyte_cached-xyz");
  private static final Set<String> NAMES = Set.of("o0");
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration AGE_MAX = Duration.ofMinutes(10);
  private static final Instant NOW = Instant.EPOCH.plusSeconds(100_000);

  private final TestingDataCatalog service = new TestingDataCatalog();
  private TestingFlyteAdmin server;
  private FlyteAdminChannel channel;
  private DataCatalogClient catalog;

  @BeforeEach
  void start() throws IOException {
    service.setTime(NOW.minus(Duration.ofMinutes(1)));
    server =
        TestingFlyteAdmin.start(InsecureServerCredentials.create(), List.of(service), List.of());
    channel =
        FlyteAdminChannel.open(
            new Connection(
                server.endpoint(), true, false, Optional.empty(), Optional.empty(), TIMEOUT));
    catalog =
        new DataCatalogClient(
            channel.channel(),
            TIMEOUT,
            new CatalogSettings(AGE_MAX, 1024, Duration.ofSeconds(30), Duration.ofMinutes(10)),
            Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void stop() {
    channel.close();
    server.close();
  }

  @Test
  void whatWasPutIsFoundWithItsSourceAndTheFirstStays() throws IOException {
    assertThat(catalog.lookup(KEY, NAMES)).isEmpty();

    var kept = catalog.put(KEY, outputs(1), source("first"), false);
    var hit = catalog.lookup(KEY, NAMES).orElseThrow();
    assertThat(hit).isEqualTo(new Hit(outputs(1), kept));
    assertThat(hit.metadata().getSourceTaskExecution()).isEqualTo(source("first"));
    assertThat(hit.metadata().getArtifactTag().getName()).isEqualTo(KEY.tag());
    assertThat(service.datasets().values())
        .singleElement()
        .satisfies(dataset ->
            assertThat(dataset.getMetadata().getKeyMapMap())
                .isEqualTo(Map.of("task-version", "v1")));

    assertThat(catalog.put(KEY, outputs(2), source("second"), false)).isEqualTo(kept);
    assertThat(catalog.lookup(KEY, NAMES).orElseThrow().outputs()).isEqualTo(outputs(1));
  }

  @Test
  void anOverwriteReplacesWhatIsThereOrIsTheFirst() throws IOException {
    catalog.put(KEY, outputs(1), source("first"), true);
    var second = catalog.put(KEY, outputs(2), source("second"), true);
    assertThat(catalog.lookup(KEY, NAMES).orElseThrow()).isEqualTo(new Hit(outputs(2), second));
    assertThat(second.getSourceTaskExecution()).isEqualTo(source("second"));
  }

  @Test
  void entriesThatAreTooOldOrHaveOtherVariablesAreMissing() throws IOException {
    catalog.put(KEY, outputs(1), source("first"), false);
    assertThat(catalog.lookup(KEY, Set.of("o0", "o1"))).isEmpty();

    var old = new CacheKey("p", "d", KEY.name(), KEY.version(), "flyte_cached-old");
    service.setTime(NOW.minus(AGE_MAX).minusSeconds(1));
    catalog.put(old, outputs(1), source("first"), false);
    assertThat(catalog.lookup(old, NAMES)).isEmpty();
  }

  @Test
  void oneOwnerHasTheReservationUntilItReleasesIt() {
    assertThat(catalog.reserve(KEY, "one")).isInstanceOf(Reservation.Acquired.class);
    assertThat(catalog.reserve(KEY, "other"))
        .isInstanceOfSatisfying(
            Reservation.Held.class, held -> assertThat(held.owner()).isEqualTo("one"));
    catalog.release(KEY, "other");
    assertThat(catalog.reserve(KEY, "other")).isInstanceOf(Reservation.Held.class);
    catalog.release(KEY, "one");
    assertThat(catalog.reserve(KEY, "other")).isInstanceOf(Reservation.Acquired.class);
  }

  @Test
  void aCatalogThatDoesNotAnswerIsAnOutage() {
    server.close();
    assertThatThrownBy(() -> catalog.lookup(KEY, NAMES))
        .matches(Outage::isCauseOf)
        .hasMessageContaining("turboprop.flyteadmin.catalog-endpoint");
    assertThatThrownBy(() -> catalog.reserve(KEY, "one")).matches(Outage::isCauseOf);
  }

  private static Literals outputs(int value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setInteger(value);
    return Literals.of(Map.of("o0", literal.build()));
  }

  private static TaskExecutionIdentifier source(String execution) {
    var source = TaskExecutionIdentifier.newBuilder().setTaskId(TestingPlans.TASK.toMessage());
    source
        .setRetryAttempt(1)
        .getNodeExecutionIdBuilder()
        .setNodeId("n0")
        .getExecutionIdBuilder()
        .setProject("p")
        .setDomain("d")
        .setName(execution);
    return source.build();
  }
}
