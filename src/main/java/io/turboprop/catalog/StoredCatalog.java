package io.turboprop.catalog;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.store.CatalogTables;
import io.turboprop.store.CatalogTables.Artifact;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog in tables, with large outputs in the blob store below {@code catalog/}. The files are
 * copies, so an execution's data may be deleted without harm to the cache.
 */
public final class StoredCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCatalog.class);

  private static final int DELETE_BATCH_SIZE = 500;

  private final CatalogTables tables;
  private final DataStore store;
  private final CatalogSettings settings;

  public StoredCatalog(CatalogTables tables, DataStore store, CatalogSettings settings) {
    this.tables = tables;
    this.store = store;
    this.settings = settings;
  }

  @Override
  public Optional<Hit> lookup(CacheKey key, Set<String> outputs) throws IOException {
    var artifact = tables.find(row(key), settings.ageMax());
    return artifact.isEmpty() ? Optional.empty() : hit(key, artifact.orElseThrow(), outputs);
  }

  private Optional<Hit> hit(CacheKey key, Artifact artifact, Set<String> outputs)
      throws IOException {
    try {
      var literals = literals(artifact.outputs());
      var names = literals.map().getLiteralsMap().keySet();
      if (names.equals(outputs)) {
        return Optional.of(new Hit(literals, metadata(key, artifact)));
      }
      forget(key, artifact, "it has outputs %s, not %s".formatted(names, outputs));
    } catch (NoSuchFileException e) {
      forget(key, artifact, e.getMessage() + " is gone");
    } catch (IllegalArgumentException e) {
      forget(key, artifact, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private void forget(CacheKey key, Artifact artifact, String reason) throws IOException {
    LOG.warn("artifact {} of {} is forgotten: {}", artifact.id(), key, reason);
    tables.remove(row(key), artifact.id());
    discard(artifact);
  }

  @Override
  public CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite)
      throws IOException {
    var id = UUID.randomUUID().toString();
    var artifact = new Artifact(id, stored(id, outputs), source.toByteString());
    var put =
        overwrite
            ? tables.replace(row(key), artifact)
            : tables.putIfAbsent(row(key), artifact, settings.ageMax());
    if (put.stored()) {
      if (put.replaced().isPresent()) {
        discard(put.replaced().orElseThrow());
      }
      return metadata(key, artifact);
    }
    discard(artifact);
    var first = tables.find(row(key), settings.ageMax());
    return first.isEmpty() ? key.metadata() : metadata(key, first.orElseThrow());
  }

  @Override
  public Reservation reserve(CacheKey key, String owner) {
    var holder = tables.reserve(row(key), owner, settings.reservation());
    return holder.owner().equals(owner)
        ? new Reservation.Acquired(holder.expiresAt())
        : new Reservation.Held(holder.owner(), holder.expiresAt());
  }

  @Override
  public void release(CacheKey key, String owner) {
    tables.release(row(key), owner);
  }

  /**
   * Deletes artifacts that are too old for use, with their files, and reservations that no task
   * extends any more. Several processes may do so at once. An artifact whose file can't be deleted
   * keeps its row for the next call; the call continues with the other artifacts.
   *
   * @return how many artifacts
   */
  int deleteExpired() {
    tables.deleteExpiredReservations();
    if (settings.ageMax().isZero()) {
      return 0;
    }
    var deleted = 0;
    Optional<CatalogTables.Entry> last = Optional.empty();
    List<CatalogTables.Entry> expired;
    do {
      expired = tables.expired(settings.ageMax(), last, DELETE_BATCH_SIZE);
      deleted += (int) expired.stream().filter(this::isDeleted).count();
      last = expired.isEmpty() ? last : Optional.of(expired.getLast());
    } while (expired.size() == DELETE_BATCH_SIZE);
    return deleted;
  }

  /**
   * Deletes the file first: a row without its file counts as missing, a file without a row is lost.
   */
  private boolean isDeleted(CatalogTables.Entry entry) {
    try {
      discard(entry.artifact());
      tables.remove(entry.key(), entry.artifact().id());
      return true;
    } catch (IOException e) {
      LOG.warn(
          "artifact {} is too old, and can't be deleted now: {}",
          entry.artifact().id(),
          e.toString());
      return false;
    }
  }

  private Values stored(String id, Literals outputs) throws IOException {
    if (outputs.sizeBytes() <= settings.inlineBytesMax()) {
      return new Values.Inline(outputs);
    }
    var reference = place(id);
    store.write(reference, outputs.bytes());
    return new Values.Stored(reference);
  }

  private DataReference place(String id) {
    return store.base().child("catalog").child(id + ".pb");
  }

  /** Deletes an artifact's file. A reader that finds the file deleted treats the key as missing. */
  private void discard(Artifact artifact) throws IOException {
    if (artifact.outputs() instanceof Values.Stored(var reference)) {
      store.delete(reference);
    }
  }

  /** Without a bound, since the engine itself has written the file. */
  private Literals literals(Values outputs) throws IOException {
    return switch (outputs) {
      case Values.Inline(var literals) -> literals;
      case Values.Stored(var reference) -> Literals.parse(store.read(reference, Long.MAX_VALUE));
    };
  }

  private static CatalogMetadata metadata(CacheKey key, Artifact artifact) {
    try {
      return key.metadata(
          Optional.of(artifact.id()),
          Optional.of(TaskExecutionIdentifier.parseFrom(artifact.source())));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("artifact " + artifact.id() + " has no source", e);
    }
  }

  private static CatalogTables.Key row(CacheKey key) {
    return new CatalogTables.Key(key.project(), key.domain(), key.name(), key.version(), key.tag());
  }
}
