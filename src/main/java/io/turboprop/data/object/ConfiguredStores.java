package io.turboprop.data.object;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStores;
import io.turboprop.data.FolderDataStore;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.object.Bucket.RefusedException;
import io.turboprop.data.object.ObjectDataStore.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the blob stores that the settings name: a store for each scheme of {@code
 * turboprop.data.base} and {@code turboprop.data.readable}, and the store in memory.
 */
public final class ConfiguredStores {
  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredStores.class);
  private static final String FILE = "file";

  private final DataSettings settings;
  private final Buckets buckets;

  private ConfiguredStores(DataSettings settings, Buckets buckets) {
    this.settings = settings;
    this.buckets = buckets;
  }

  /**
   * Opens the stores.
   *
   * @throws IOException with the setting in its message, when a URI is malformed or has an unknown
   *     scheme, when the base's folder can't be created, or when its service refuses the bucket or
   *     the credentials. A service that can't be reached is only logged: that passes
   */
  public static DataStores open(DataSettings settings, ObjectSettings objects) throws IOException {
    return new ConfiguredStores(settings, new Buckets(objects)).stores();
  }

  private DataStores stores() throws IOException {
    var stores = new HashMap<String, DataStore>();
    stores.put(MemoryDataStore.SCHEME, new MemoryDataStore());
    var base = base();
    folders(base).ifPresent(folder -> stores.put(FILE, folder));
    stores.putAll(objectStores(base));
    if (!stores.containsKey(scheme(base))) {
      throw new IOException(
          "no blob store has URIs like %s (turboprop.data.base)".formatted(settings.base()));
    }
    return new DataStores(base, stores);
  }

  private DataReference base() throws IOException {
    var base = settings.base().plain();
    if (base.scheme().isEmpty()) {
      return new DataReference(Path.of(base.uri()).toAbsolutePath().normalize().toString());
    }
    return Buckets.SCHEMES.contains(scheme(base)) ? location(base, "base").reference() : base;
  }

  private Optional<FolderDataStore> folders(DataReference base) throws IOException {
    var readable =
        settings.readable().stream()
            .map(DataReference::plain)
            .filter(reference -> scheme(reference).equals(FILE))
            .map(reference -> Path.of(reference.uri()))
            .toList();
    if (scheme(base).equals(FILE)) {
      return Optional.of(FolderDataStore.open(Path.of(base.uri()), readable, settings.durable()));
    }
    return readable.isEmpty()
        ? Optional.empty()
        : Optional.of(FolderDataStore.readOnly(base, readable));
  }

  private Map<String, DataStore> objectStores(DataReference base) throws IOException {
    var places = new LinkedHashMap<String, List<Place>>();
    if (Buckets.SCHEMES.contains(scheme(base))) {
      var place = place(base, "base", true);
      check(place);
      places.computeIfAbsent(scheme(base), _ -> new ArrayList<>()).add(place);
    }
    for (var reference : settings.readable()) {
      var scheme = scheme(reference.plain());
      if (!scheme.equals(FILE)) {
        places
            .computeIfAbsent(scheme, _ -> new ArrayList<>())
            .add(place(reference, "readable", false));
      }
    }
    var stores = new HashMap<String, DataStore>();
    places.forEach((scheme, all) -> stores.put(scheme, new ObjectDataStore(base, all)));
    return stores;
  }

  private Place place(DataReference reference, String setting, boolean writable)
      throws IOException {
    var location = location(reference, setting);
    return new Place(location, buckets.open(scheme(reference), location), writable);
  }

  private static ObjectLocation location(DataReference reference, String setting)
      throws IOException {
    if (!Buckets.SCHEMES.contains(scheme(reference))) {
      throw new IOException(
          "no blob store has URIs like %s (turboprop.data.%s)".formatted(reference, setting));
    }
    try {
      return ObjectLocation.of(reference);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s (turboprop.data.%s)".formatted(e.getMessage(), setting), e);
    }
  }

  /** Lists nothing, so that a wrong bucket or wrong credentials show when the engine starts. */
  private static void check(Place place) throws IOException {
    try {
      place.bucket().list(place.location().prefix() + "/.turboprop", Optional.empty());
    } catch (RefusedException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("the blob store does not answer yet: {}", e.getMessage());
    }
  }

  private static String scheme(DataReference reference) {
    return reference.scheme().orElse(FILE);
  }
}
