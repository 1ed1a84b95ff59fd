package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.CATALOG_ARTIFACT;
import static io.turboprop.store.jooq.Tables.CATALOG_RESERVATION;

import com.google.protobuf.ByteString;
import io.turboprop.data.Values;
import io.turboprop.store.jooq.Keys;
import io.turboprop.store.jooq.tables.CatalogArtifact;
import io.turboprop.store.jooq.tables.CatalogReservation;
import io.turboprop.store.jooq.tables.records.CatalogArtifactRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.InsertOnDuplicateSetMoreStep;
import org.jooq.impl.DSL;
import org.jooq.types.DayToSecond;

/**
 * The cached outputs of tasks, and the reservations of outputs that a task is producing. All times
 * are the database's, so that the clocks of several machines need not agree.
 */
public final class CatalogTables {
  /** Rows that have been invalid for this long are deleted. */
  private static final Duration UNUSED_FOR = Duration.ofHours(1);

  private final Database database;

  public CatalogTables(Database database) {
    this.database = database;
  }

  /** The key of an artifact or a reservation. */
  public record Key(String project, String domain, String name, String version, String tag) {
    private Object[] values() {
      return new Object[] {project, domain, name, version, tag};
    }

    private Condition isOf(CatalogArtifact table) {
      return table
          .PROJECT
          .eq(project)
          .and(table.DOMAIN.eq(domain))
          .and(table.NAME.eq(name))
          .and(table.VERSION.eq(version))
          .and(table.TAG.eq(tag));
    }

    private Condition isOf(CatalogReservation table) {
      return table
          .PROJECT
          .eq(project)
          .and(table.DOMAIN.eq(domain))
          .and(table.NAME.eq(name))
          .and(table.VERSION.eq(version))
          .and(table.TAG.eq(tag));
    }
  }

  /**
   * Cached outputs.
   *
   * @param id the unique id
   * @param source the task execution that produced the outputs, a serialized {@code
   *     flyteidl.core.TaskExecutionIdentifier}
   */
  public record Artifact(String id, Values outputs, ByteString source) {}

  /** An artifact and its key. */
  public record Entry(Key key, Artifact artifact) {}

  /**
   * The result of storing an artifact.
   *
   * @param replaced the artifact that was replaced; its file is not used any more
   */
  public record Put(boolean stored, Optional<Artifact> replaced) {}

  /** The owner of a reservation, and the time at which it expires. */
  public record Holder(String owner, Instant expiresAt) {}

  /**
   * The artifact with this key.
   *
   * @param ageMax artifacts older than this are ignored; zero is no limit
   */
  public Optional<Artifact> find(Key key, Duration ageMax) {
    return find(database.sql(), key, ageMax);
  }

  private static Optional<Artifact> find(DSLContext sql, Key key, Duration ageMax) {
    return sql.selectFrom(CATALOG_ARTIFACT)
        .where(key.isOf(CATALOG_ARTIFACT))
        .andNot(isOlder(ageMax))
        .fetchOptional(CatalogTables::artifact);
  }

  /**
   * Stores an artifact if the key has none, or only an older one.
   *
   * @param ageMax see {@link #find}
   */
  public Put putIfAbsent(Key key, Artifact artifact, Duration ageMax) {
    return put(key, sql -> upsert(sql, key, artifact).where(isOlder(ageMax)).execute() > 0);
  }

  /** Stores an artifact, and replaces an existing one. */
  public Put replace(Key key, Artifact artifact) {
    return put(key, sql -> upsert(sql, key, artifact).execute() > 0);
  }

  /**
   * Stores an artifact under a lock of its key, so that each of several concurrent callers gets the
   * artifact that it has replaced.
   */
  private Put put(Key key, Predicate<DSLContext> store) {
    return database.transaction(sql -> {
      sql.select(lock(key)).fetchSingle();
      var before = find(sql, key, Duration.ZERO);
      return store.test(sql) ? new Put(true, before) : new Put(false, Optional.empty());
    });
  }

  /** A lock on a key until the end of the transaction, whether there is a row or not. */
  private static Field<?> lock(Key key) {
    var hash =
        DSL.function("hashtextextended", Long.class, DSL.val(key.toString()), DSL.inline(0L));
    return DSL.function("pg_advisory_xact_lock", Object.class, hash);
  }

  /**
   * Artifacts that have been too old for use for some time, so that no reader is about to use them.
   *
   * @param ageMax see {@link #find}; not zero
   * @param after the last entry of the previous page, in the order of the keys
   */
  public List<Entry> expired(Duration ageMax, Optional<Entry> after, int limit) {
    var keys = Keys.CATALOG_ARTIFACT_PKEY.getFieldsArray();
    return database
        .sql()
        .selectFrom(CATALOG_ARTIFACT)
        .where(isOlder(ageMax.plus(UNUSED_FOR)))
        .and(
            after
                .map(entry -> DSL.row(keys).gt(DSL.row(entry.key().values())))
                .orElseGet(DSL::noCondition))
        .orderBy(keys)
        .limit(limit)
        .fetch(row -> new Entry(key(row), artifact(row)));
  }

  /**
   * Deletes the reservations that expired more than {@link #UNUSED_FOR} ago; returns their number.
   */
  public int deleteExpiredReservations() {
    return database
        .sql()
        .deleteFrom(CATALOG_RESERVATION)
        .where(CATALOG_RESERVATION.EXPIRES_AT.lt(Rows.NOW.sub(DayToSecond.valueOf(UNUSED_FOR))))
        .execute();
  }

  /** Deletes the row of an artifact, unless another artifact has replaced it. */
  public void remove(Key key, String artifactId) {
    database
        .sql()
        .deleteFrom(CATALOG_ARTIFACT)
        .where(key.isOf(CATALOG_ARTIFACT))
        .and(CATALOG_ARTIFACT.ARTIFACT_ID.eq(artifactId))
        .execute();
  }

  /**
   * Reserves a key for an owner, or extends the owner's reservation. An expired reservation may be
   * taken by any owner. If two callers race, one of them gets the reservation, and both get its
   * owner as the result.
   *
   * @param duration the time until the reservation expires, from now
   */
  public Holder reserve(Key key, String owner, Duration duration) {
    var mayTake =
        CATALOG_RESERVATION.OWNER.eq(owner).or(CATALOG_RESERVATION.EXPIRES_AT.le(Rows.NOW));
    return database
        .sql()
        .insertInto(CATALOG_RESERVATION)
        .set(CATALOG_RESERVATION.PROJECT, key.project())
        .set(CATALOG_RESERVATION.DOMAIN, key.domain())
        .set(CATALOG_RESERVATION.NAME, key.name())
        .set(CATALOG_RESERVATION.VERSION, key.version())
        .set(CATALOG_RESERVATION.TAG, key.tag())
        .set(CATALOG_RESERVATION.OWNER, owner)
        .set(CATALOG_RESERVATION.EXPIRES_AT, Rows.NOW.add(DayToSecond.valueOf(duration)))
        .onConflict(Keys.CATALOG_RESERVATION_PKEY.getFields())
        .doUpdate()
        .set(
            CATALOG_RESERVATION.OWNER,
            DSL.when(mayTake, DSL.excluded(CATALOG_RESERVATION.OWNER))
                .otherwise(CATALOG_RESERVATION.OWNER))
        .set(
            CATALOG_RESERVATION.EXPIRES_AT,
            DSL.when(mayTake, DSL.excluded(CATALOG_RESERVATION.EXPIRES_AT))
                .otherwise(CATALOG_RESERVATION.EXPIRES_AT))
        .returningResult(CATALOG_RESERVATION.OWNER, CATALOG_RESERVATION.EXPIRES_AT)
        .fetchSingle(row -> new Holder(row.value1(), row.value2()));
  }

  /** Ends the reservation of an owner; does nothing if another owner has it. */
  public void release(Key key, String owner) {
    database
        .sql()
        .deleteFrom(CATALOG_RESERVATION)
        .where(key.isOf(CATALOG_RESERVATION))
        .and(CATALOG_RESERVATION.OWNER.eq(owner))
        .execute();
  }

  private static InsertOnDuplicateSetMoreStep<CatalogArtifactRecord> upsert(
      DSLContext sql, Key key, Artifact artifact) {
    var insert =
        sql.insertInto(CATALOG_ARTIFACT)
            .set(CATALOG_ARTIFACT.PROJECT, key.project())
            .set(CATALOG_ARTIFACT.DOMAIN, key.domain())
            .set(CATALOG_ARTIFACT.NAME, key.name())
            .set(CATALOG_ARTIFACT.VERSION, key.version())
            .set(CATALOG_ARTIFACT.TAG, key.tag())
            .set(CATALOG_ARTIFACT.ARTIFACT_ID, artifact.id())
            .set(CATALOG_ARTIFACT.SOURCE, artifact.source().toByteArray())
            .set(CATALOG_ARTIFACT.CREATED_AT, Rows.NOW);
    var withOutputs =
        switch (artifact.outputs()) {
          case Values.Inline(var literals) ->
              insert.set(CATALOG_ARTIFACT.OUTPUTS, literals.bytes().toByteArray());
          case Values.Stored(var reference) ->
              insert.set(CATALOG_ARTIFACT.OUTPUTS_URI, reference.uri());
        };
    return withOutputs
        .onConflict(Keys.CATALOG_ARTIFACT_PKEY.getFields())
        .doUpdate()
        .set(CATALOG_ARTIFACT.ARTIFACT_ID, DSL.excluded(CATALOG_ARTIFACT.ARTIFACT_ID))
        .set(CATALOG_ARTIFACT.OUTPUTS, DSL.excluded(CATALOG_ARTIFACT.OUTPUTS))
        .set(CATALOG_ARTIFACT.OUTPUTS_URI, DSL.excluded(CATALOG_ARTIFACT.OUTPUTS_URI))
        .set(CATALOG_ARTIFACT.SOURCE, DSL.excluded(CATALOG_ARTIFACT.SOURCE))
        .set(CATALOG_ARTIFACT.CREATED_AT, DSL.excluded(CATALOG_ARTIFACT.CREATED_AT));
  }

  private static Condition isOlder(Duration ageMax) {
    return ageMax.isZero()
        ? DSL.falseCondition()
        : CATALOG_ARTIFACT.CREATED_AT.lt(Rows.NOW.sub(DayToSecond.valueOf(ageMax)));
  }

  private static Key key(CatalogArtifactRecord row) {
    return new Key(
        row.getProject(), row.getDomain(), row.getName(), row.getVersion(), row.getTag());
  }

  private static Artifact artifact(CatalogArtifactRecord row) {
    var outputs = Rows.values(row.getOutputs(), row.getOutputsUri());
    return new Artifact(
        row.getArtifactId(),
        Objects.requireNonNull(outputs, "an artifact has outputs, by a check of its table"),
        Rows.bytes(row.getSource()));
  }
}
