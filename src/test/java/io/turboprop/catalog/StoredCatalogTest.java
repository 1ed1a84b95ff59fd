package io.turboprop.catalog;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.catalog.Catalog.Reservation;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.setting.Section;
import io.turboprop.store.CatalogTables;
import io.turboprop.store.Database;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class StoredCatalogTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** A reservation so short that it has expired by the next statement. */
  private static final Duration MOMENT = Duration.ofNanos(1000);

  private static final Literals FIRST = Literals.of(Map.of("o0", integer(1)));
  private static final Literals SECOND = Literals.of(Map.of("o0", integer(2)));
  private static final Set<String> NAMES = Set.of("o0");

  private static Database database;
  private final MemoryDataStore store = new MemoryDataStore();
  private CacheKey key = new CacheKey("p", "d", "n", "v", "t");

  @BeforeAll
  static void open() {
    database = TestingDatabase.create();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void nameKey(TestInfo test) {
    key = new CacheKey("p", "d", "flyte_task-n", "1-a-b", test.getDisplayName());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void whatIsPutIsFoundWithItsSource(int inlineBytesMax) throws IOException {
    var catalog = catalog(Duration.ZERO, inlineBytesMax, MINUTE);
    key = new CacheKey("p", "d", "flyte_task-n", "1-a-b", "inline" + inlineBytesMax);
    assertThat(catalog.lookup(key, NAMES)).isEmpty();
    var metadata = catalog.put(key, FIRST, source(3), false);
    assertThat(catalog.lookup(key, NAMES)).contains(new Catalog.Hit(FIRST, metadata));
    assertThat(metadata.getSourceTaskExecution()).isEqualTo(source(3));
    assertThat(metadata.getArtifactTag().getName()).isEqualTo(key.tag());
    assertThat(metadata.getArtifactTag().getArtifactId()).isNotEmpty();
    assertThat(store.list(store.base())).hasSize(inlineBytesMax == 0 ? 1 : 0);
  }

  @Test
  void theFirstOfTwoRunsIsKept() throws IOException {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    var first = catalog.put(key, FIRST, source(0), false);
    assertThat(catalog.put(key, SECOND, source(1), false)).isEqualTo(first);
    assertThat(catalog.lookup(key, NAMES)).contains(new Catalog.Hit(FIRST, first));
    assertThat(store.list(store.base())).hasSize(1);
  }

  @Test
  void aRunThatOverwritesReplacesCachedOutputs() throws IOException {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    catalog.put(key, FIRST, source(0), false);
    var second = catalog.put(key, SECOND, source(1), true);
    assertThat(catalog.lookup(key, NAMES)).contains(new Catalog.Hit(SECOND, second));
    assertThat(store.list(store.base())).hasSize(1);
  }

  @Test
  void outputsThatAreTooOldAreNotFoundAndAreReplaced() throws IOException {
    var strict = catalog(MOMENT, 1000, MINUTE);
    strict.put(key, FIRST, source(0), false);
    assertThat(strict.lookup(key, NAMES)).isEmpty();
    assertThat(catalog(MINUTE, 1000, MINUTE).lookup(key, NAMES)).isPresent();
    strict.put(key, SECOND, source(1), false);
    assertThat(catalog(MINUTE, 1000, MINUTE).lookup(key, NAMES).orElseThrow().outputs())
        .isEqualTo(SECOND);
  }

  @Test
  void everyReplacedFileIsDeletedWhenSeveralOverwriteAtOnce() throws Exception {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    var start = new CyclicBarrier(8);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var puts =
          IntStream.range(0, 8)
              .mapToObj(number ->
                  threads.submit(() -> {
                    start.await();
                    return catalog.put(key, FIRST, source(number), true);
                  }))
              .toList();
      for (Future<?> put : puts) {
        put.get();
      }
    }
    assertThat(store.list(store.base())).hasSize(1);
    assertThat(catalog.lookup(key, NAMES)).isPresent();
  }

  @Test
  void whatIsTooOldIsDeletedWithItsFiles() throws IOException {
    var catalog = catalog(MINUTE, 0, MINUTE);
    var fresh = new CacheKey("p", "d", "flyte_task-n", "1-a-b", "fresh");
    catalog.put(key, FIRST, source(0), false);
    catalog.put(fresh, FIRST, source(0), false);
    catalog.reserve(key, "dead");
    var _ = catalog.reserve(fresh, "alive");
    age(key, Duration.ofHours(2));
    assertThat(catalog.deleteExpired()).isEqualTo(1);
    assertThat(store.list(store.base())).hasSize(1);
    assertThat(catalog(Duration.ZERO, 0, MINUTE).lookup(key, NAMES)).isEmpty();
    assertThat(catalog.lookup(fresh, NAMES)).isPresent();
    assertThat(ownersOf(key, fresh)).containsExactly("alive");
    assertThat(catalog.deleteExpired()).isZero();
  }

  @Test
  void outputsOfOtherNamesAreForgotten() throws IOException {
    var catalog = catalog(Duration.ZERO, 1000, MINUTE);
    catalog.put(key, Literals.of(Map.of("other", text("x"))), source(0), false);
    assertThat(catalog.lookup(key, NAMES)).isEmpty();
    catalog.put(key, FIRST, source(1), false);
    assertThat(catalog.lookup(key, NAMES)).isPresent();
  }

  @Test
  void outputsWhoseFileIsDeletedAreRemoved() throws IOException {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    catalog.put(key, FIRST, source(0), false);
    store.delete(store.base());
    assertThat(catalog.lookup(key, NAMES)).isEmpty();
    catalog.put(key, SECOND, source(1), false);
    assertThat(catalog.lookup(key, NAMES).orElseThrow().outputs()).isEqualTo(SECOND);
  }

  @Test
  void aReservationKeepsOthersWaitingUntilItIsReleased() {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    var acquired = (Reservation.Acquired) catalog.reserve(key, "a");
    assertThat(catalog.reserve(key, "b"))
        .isEqualTo(new Reservation.Held("a", acquired.expiresAt()));
    catalog.release(key, "b");
    assertThat(catalog.reserve(key, "b")).isInstanceOf(Reservation.Held.class);
    catalog.release(key, "a");
    assertThat(catalog.reserve(key, "b")).isInstanceOf(Reservation.Acquired.class);
    assertThat(catalog.reserve(key, "a")).isInstanceOf(Reservation.Held.class);
  }

  @Test
  void aReservationIsExtendedByItsOwner() {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    var first = (Reservation.Acquired) catalog.reserve(key, "a");
    var second = (Reservation.Acquired) catalog.reserve(key, "a");
    assertThat(second.expiresAt()).isAfter(first.expiresAt());
    assertThat(first.expiresAt())
        .isBetween(Instant.now(), Instant.now().plus(MINUTE.multipliedBy(2)));
  }

  @Test
  void aReservationThatIsOverMayBeTakenByAnybody() {
    var catalog = catalog(Duration.ZERO, 0, MOMENT);
    assertThat(catalog.reserve(key, "a")).isInstanceOf(Reservation.Acquired.class);
    assertThat(catalog.reserve(key, "b")).isInstanceOf(Reservation.Acquired.class);
  }

  @Test
  void onlyOneOfManyRequestsGetsTheReservationAndAllLearnTheOwner() throws Exception {
    var catalog = catalog(Duration.ZERO, 0, MINUTE);
    for (var round = 0; round < 20; round++) {
      var raced = new CacheKey("p", "d", "n", "v", "race" + round);
      assertThat(race(catalog, raced, 8)).hasSize(1);
    }
  }

  /** The owners that the competing attempts were given. */
  private static Set<String> race(Catalog catalog, CacheKey key, int contestants) throws Exception {
    var start = new CyclicBarrier(contestants);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var told =
          IntStream.range(0, contestants)
              .mapToObj(number ->
                  threads.submit(() -> {
                    start.await();
                    return owner(catalog.reserve(key, "owner" + number), "owner" + number);
                  }))
              .toList();
      var owners = new ArrayList<String>();
      for (Future<String> owner : told) {
        owners.add(owner.get());
      }
      return Set.copyOf(owners);
    }
  }

  private static String owner(Reservation reservation, String self) {
    return switch (reservation) {
      case Reservation.Acquired _ -> self;
      case Reservation.Held(var owner, _) -> owner;
    };
  }

  @Test
  void theDefaultsAreComplete() {
    var section = Section.of(ConfigFactory.load("reference").getConfig("turboprop"), "catalog");
    assertThat(CatalogSettings.from(section))
        .isEqualTo(
            new CatalogSettings(
                Duration.ZERO, 64 * 1024, Duration.ofSeconds(30), Duration.ofMinutes(10)));
  }

  /** Has an artifact, and the reservation of its key, be older. */
  private static void age(CacheKey key, Duration by) {
    database
        .sql()
        .execute(
            "update catalog_artifact set created_at = created_at - cast({0} as interval) where tag = {1}",
            DSL.inline(by.toString()), DSL.inline(key.tag()));
    database
        .sql()
        .execute(
            "update catalog_reservation set expires_at = expires_at - cast({0} as interval) where tag = {1}",
            DSL.inline(by.toString()), DSL.inline(key.tag()));
  }

  private static List<String> ownersOf(CacheKey one, CacheKey other) {
    return database
        .sql()
        .fetchValues(
            "select owner from catalog_reservation where tag in ({0}, {1})",
            DSL.inline(one.tag()), DSL.inline(other.tag()))
        .stream()
        .map(String::valueOf)
        .toList();
  }

  private StoredCatalog catalog(Duration ageMax, int inlineBytesMax, Duration reservation) {
    return new StoredCatalog(
        new CatalogTables(database),
        store,
        new CatalogSettings(ageMax, inlineBytesMax, reservation, MINUTE));
  }

  private static TaskExecutionIdentifier source(int attempt) {
    return TaskExecutionIdentifier.newBuilder().setRetryAttempt(attempt).build();
  }
}
