package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.InsertOnDuplicateSetMoreStep;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.types.DayToSecond;

/**
 * Cached outputs of tasks, and reservations of those that are being made. All times are the
 * database's, so that the clocks of several machines need not agree.
 */
public final class CatalogTables {
  private static final Table<Record> ARTIFACT = DSL.table(DSL.name("catalog_artifact"));
  private static final Field<String> ARTIFACT_ID = artifact("artifact_id", String.class);
  private static final Field<byte[]> OUTPUTS = artifact("outputs", byte[].class);
  private static final Field<String> OUTPUTS_URI = artifact("outputs_uri", String.class);
  private static final Field<byte[]> SOURCE = artifact("source", byte[].class);
  private static final Field<OffsetDateTime> CREATED_AT =
      artifact("created_at", OffsetDateTime.class);

  private static final Table<Record> RESERVATION = DSL.table(DSL.name("catalog_reservation"));
  private static final Field<String> OWNER = reservation("owner", String.class);
  private static final Field<OffsetDateTime> EXPIRES_AT =
      reservation("expires_at", OffsetDateTime.class);

  private static final Field<OffsetDateTime> NOW =
      DSL.field("clock_timestamp()", OffsetDateTime.class);

  private final Database database;

  public CatalogTables(Database database) {
    this.database = database;
  }

  /** What an artifact or a reservation is found by. */
  public record Key(String project, String domain, String name, String version, String tag) {
    private static final Field<String> PROJECT = DSL.field(DSL.name("project"), String.class);
    private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), String.class);
    private static final Field<String> NAME = DSL.field(DSL.name("name"), String.class);
    private static final Field<String> VERSION = DSL.field(DSL.name("version"), String.class);
    private static final Field<String> TAG = DSL.field(DSL.name("tag"), String.class);
    private static final List<Field<String>> FIELDS = List.of(PROJECT, DOMAIN, NAME, VERSION, TAG);

    private Map<Field<?>, ?> values() {
      return Map.of(PROJECT, project, DOMAIN, domain, NAME, name, VERSION, version, TAG, tag);
    }

    private Condition matches() {
      return DSL.condition(values());
    }
  }

  /**
   * Cached outputs.
   *
   * @param id unique
   * @param source a serialized {@code flyteidl.core.TaskExecutionIdentifier}: who made them
   */
  public record Artifact(String id, Values outputs, ByteString source) {}

  /** Who has a reservation, and until when. */
  public record Holder(String owner, Instant expiresAt) {}

  /**
   * The artifact with this key.
   *
   * @param ageMax older ones are as good as not there; zero is no limit
   */
  public Optional<Artifact> find(Key key, Duration ageMax) {
    return database
        .sql()
        .select(ARTIFACT_ID, OUTPUTS, OUTPUTS_URI, SOURCE)
        .from(ARTIFACT)
        .where(key.matches())
        .andNot(isOlder(ageMax))
        .fetchOptional(CatalogTables::artifact);
  }

  /**
   * Stores an artifact if there is none, or none young enough.
   *
   * @param ageMax as in {@link #find}
   * @return whether it was stored
   */
  public boolean putIfAbsent(Key key, Artifact artifact, Duration ageMax) {
    return upsert(key, artifact).where(isOlder(ageMax)).execute() > 0;
  }

  /** Stores an artifact in the place of one that may be there. */
  public void replace(Key key, Artifact artifact) {
    upsert(key, artifact).execute();
  }

  /** Forgets an artifact, unless another one has taken its place. */
  public void remove(Key key, String artifactId) {
    database
        .sql()
        .deleteFrom(ARTIFACT)
        .where(key.matches())
        .and(ARTIFACT_ID.eq(artifactId))
        .execute();
  }

  /**
   * Reserves a key for an owner, or prolongs his reservation; one that is over may be taken by
   * anybody. One statement: of two who race for it one wins, and both are told who.
   *
   * @param duration from now on
   */
  public Holder reserve(Key key, String owner, Duration duration) {
    var mayTake = OWNER.eq(owner).or(EXPIRES_AT.le(NOW));
    return database
        .sql()
        .insertInto(RESERVATION)
        .set(key.values())
        .set(OWNER, owner)
        .set(EXPIRES_AT, NOW.add(DayToSecond.valueOf(duration)))
        .onConflict(Key.FIELDS)
        .doUpdate()
        .set(OWNER, DSL.when(mayTake, DSL.excluded(OWNER)).otherwise(OWNER))
        .set(EXPIRES_AT, DSL.when(mayTake, DSL.excluded(EXPIRES_AT)).otherwise(EXPIRES_AT))
        .returningResult(OWNER, EXPIRES_AT)
        .fetchSingle(row -> new Holder(row.value1(), row.value2().toInstant()));
  }

  /** Ends the reservation of an owner; does nothing when it is not his. */
  public void release(Key key, String owner) {
    database.sql().deleteFrom(RESERVATION).where(key.matches()).and(OWNER.eq(owner)).execute();
  }

  private InsertOnDuplicateSetMoreStep<Record> upsert(Key key, Artifact artifact) {
    var insert =
        database
            .sql()
            .insertInto(ARTIFACT)
            .set(key.values())
            .set(ARTIFACT_ID, artifact.id())
            .set(SOURCE, artifact.source().toByteArray())
            .set(CREATED_AT, NOW);
    var withOutputs =
        switch (artifact.outputs()) {
          case Values.Inline(var literals) -> insert.set(OUTPUTS, literals.bytes().toByteArray());
          case Values.Stored(var reference) -> insert.set(OUTPUTS_URI, reference.uri());
        };
    return withOutputs
        .onConflict(Key.FIELDS)
        .doUpdate()
        .set(ARTIFACT_ID, DSL.excluded(ARTIFACT_ID))
        .set(OUTPUTS, DSL.excluded(OUTPUTS))
        .set(OUTPUTS_URI, DSL.excluded(OUTPUTS_URI))
        .set(SOURCE, DSL.excluded(SOURCE))
        .set(CREATED_AT, DSL.excluded(CREATED_AT));
  }

  private static Condition isOlder(Duration ageMax) {
    return ageMax.isZero()
        ? DSL.falseCondition()
        : CREATED_AT.lt(NOW.sub(DayToSecond.valueOf(ageMax)));
  }

  private static Artifact artifact(Record row) {
    var inline = row.get(OUTPUTS);
    var outputs =
        inline == null
            ? new Values.Stored(new DataReference(row.get(OUTPUTS_URI)))
            : new Values.Inline(Literals.parse(ByteString.copyFrom(inline)));
    return new Artifact(row.get(ARTIFACT_ID), outputs, ByteString.copyFrom(row.get(SOURCE)));
  }

  private static <T> Field<T> artifact(String column, Class<T> type) {
    return DSL.field(DSL.name("catalog_artifact", column), type);
  }

  private static <T> Field<T> reservation(String column, Class<T> type) {
    return DSL.field(DSL.name("catalog_reservation", column), type);
  }
}
