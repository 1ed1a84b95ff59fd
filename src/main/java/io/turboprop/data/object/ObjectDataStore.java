package io.turboprop.data.object;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.UploadTerms;
import io.turboprop.data.object.Bucket.Content;
import io.turboprop.data.object.Bucket.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A blob store in buckets of object stores. It reads below its places, and writes and deletes below
 * those that are writable; each other URI is refused, since it would be read with the engine's
 * credentials.
 *
 * <p>A refusal by the service is an outage where the engine writes, because the operator can mend
 * it; where clients' objects are read it is an {@link AccessDeniedException}.
 */
final class ObjectDataStore implements DataStore {

  /**
   * A place of the store.
   *
   * @param writable whether the engine's own objects are below it
   */
  record Place(ObjectLocation location, Bucket bucket, boolean writable) {}

  private record Found(Place place, String key) {}

  private final DataReference base;
  private final List<Place> places;

  /**
   * @param base the root of the engine's objects, in this store or in another
   */
  ObjectDataStore(DataReference base, List<Place> places) {
    this.base = base;
    this.places = List.copyOf(places);
  }

  @Override
  public DataReference base() {
    return base;
  }

  @Override
  public ByteString read(DataReference reference, long sizeBytesMax) throws IOException {
    return calling(
        readable(reference),
        found -> {
          var content = found.place().bucket().open(found.key());
          try (var bytes = content.bytes()) {
            if (content.sizeBytes() > sizeBytesMax) {
              throw new DataTooLargeException(reference, content.sizeBytes(), sizeBytesMax);
            }
            return ByteString.readFrom(bytes);
          }
        });
  }

  @Override
  public InputStream open(DataReference reference) throws IOException {
    return calling(readable(reference), ObjectDataStore::content).bytes();
  }

  private static Content content(Found found) throws IOException {
    return found.place().bucket().open(found.key());
  }

  @Override
  public void write(DataReference reference, ByteString bytes) throws IOException {
    calling(
        writable(reference),
        found -> {
          found.place().bucket().write(found.key(), bytes);
          return true;
        });
  }

  @Override
  public void write(DataReference reference, InputStream bytes, long sizeBytesMax)
      throws IOException {
    var bounded = new BoundedInputStream(reference, bytes, sizeBytesMax);
    calling(
        writable(reference),
        found -> {
          found.place().bucket().write(found.key(), bounded);
          return true;
        });
  }

  @Override
  public void copy(DataReference from, DataReference to) throws IOException {
    var source = readable(from);
    var target = writable(to);
    var copied =
        source.place().bucket().equals(target.place().bucket())
            && calling(source, found -> found.place().bucket().copy(found.key(), target.key()));
    if (!copied) {
      DataStore.super.copy(from, to);
    }
  }

  @Override
  public OptionalLong size(DataReference reference) throws IOException {
    return calling(readable(reference), found -> found.place().bucket().head(found.key()))
        .map(metadata -> OptionalLong.of(metadata.sizeBytes()))
        .orElseGet(OptionalLong::empty);
  }

  @Override
  public Optional<String> md5(DataReference reference) throws IOException {
    var metadata = calling(readable(reference), found -> found.place().bucket().head(found.key()));
    if (metadata.isEmpty()) {
      return Optional.empty();
    }
    var known = metadata.get().md5();
    return known.isPresent() ? known : DataStore.super.md5(reference);
  }

  /** The objects of these stores are durable when they are visible. */
  @Override
  public void sync(DataReference reference) {}

  @Override
  public List<DataReference> list(DataReference prefix) throws IOException {
    return calling(
        directory(prefix),
        found -> {
          var objects = new ArrayList<DataReference>();
          var cursor = Optional.<String>empty();
          do {
            var page = found.place().bucket().list(found.key(), cursor);
            for (var key : page.keys()) {
              objects.add(found.place().location().object(key));
            }
            cursor = page.next();
          } while (cursor.isPresent());
          objects.sort((left, right) -> left.uri().compareTo(right.uri()));
          return objects;
        });
  }

  @Override
  public void delete(DataReference reference) throws IOException {
    calling(
        writable(reference),
        found -> {
          var bucket = found.place().bucket();
          bucket.delete(List.of(found.key()));
          var cursor = Optional.<String>empty();
          do {
            var page = bucket.list(found.key() + "/", cursor);
            bucket.delete(page.keys());
            cursor = page.next();
          } while (cursor.isPresent());
          return true;
        });
  }

  @Override
  public Path localFile(DataReference reference, Path directory) throws IOException {
    Files.createDirectories(directory);
    var name = reference.uri().substring(reference.uri().lastIndexOf('/') + 1);
    var file = directory.resolve(name);
    try (var bytes = open(reference)) {
      Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  @Override
  public Optional<SignedRequest> signUpload(DataReference reference, UploadTerms terms)
      throws IOException {
    return calling(
        writable(reference), found -> found.place().bucket().signUpload(found.key(), terms));
  }

  @Override
  public Optional<SignedRequest> signDownload(DataReference reference, Duration life)
      throws IOException {
    return calling(
        readable(reference), found -> found.place().bucket().signDownload(found.key(), life));
  }

  private interface Operation<T> {
    T on(Found found) throws IOException;
  }

  private static <T> T calling(Found found, Operation<T> operation) throws IOException {
    try {
      return operation.on(found);
    } catch (RefusedException e) {
      if (found.place().writable()) {
        throw new UnavailableException(e);
      }
      throw new AccessDeniedException(
          found.place().location().object(found.key()).uri(), null, e.getMessage());
    }
  }

  private Found readable(DataReference reference) throws AccessDeniedException {
    return find(reference, false)
        .orElseThrow(() ->
            new AccessDeniedException(
                reference.uri(),
                null,
                "it lies neither below turboprop.data.base nor in turboprop.data.readable"));
  }

  private Found writable(DataReference reference) throws AccessDeniedException {
    return find(reference, true)
        .orElseThrow(() ->
            new AccessDeniedException(
                reference.uri(), null, "it does not lie below turboprop.data.base"));
  }

  private Optional<Found> find(DataReference reference, boolean toWrite) {
    for (var place : places) {
      var key = place.location().key(reference).filter(text -> !text.isEmpty());
      if (key.isPresent() && (place.writable() || !toWrite)) {
        return Optional.of(new Found(place, key.get()));
      }
    }
    return Optional.empty();
  }

  /** A prefix taken as a directory: its key ends with a slash, or is empty for a whole bucket. */
  private Found directory(DataReference prefix) throws AccessDeniedException {
    for (var place : places) {
      var location = place.location();
      if (prefix.child("").equals(location.reference().child(""))) {
        return new Found(place, location.prefix().isEmpty() ? "" : location.prefix() + "/");
      }
    }
    return readable(prefix.child(""));
  }
}
