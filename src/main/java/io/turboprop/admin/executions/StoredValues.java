package io.turboprop.admin.executions;

import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.DataStore;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads inputs and outputs for clients, wherever they are kept. */
public final class StoredValues {
  private static final Logger LOG = LoggerFactory.getLogger(StoredValues.class);

  private final DataStore store;
  private final long sizeBytesMax;

  public StoredValues(DataStore store, long sizeBytesMax) {
    this.store = store;
    this.sizeBytesMax = sizeBytesMax;
  }

  /** The values; what can't be read is shown as empty, as FlyteAdmin does (admin §6.1). */
  LiteralMap read(@Nullable Values values) {
    return find(values).orElseGet(LiteralMap::getDefaultInstance);
  }

  /** The values; empty when they can't be read. Nobody's values are an empty map. */
  public Optional<LiteralMap> find(@Nullable Values values) {
    try {
      return Optional.of(
          switch (values) {
            case null -> LiteralMap.getDefaultInstance();
            case Values.Inline(var literals) -> literals.map();
            case Values.Stored(var reference) ->
                Literals.parse(store.read(reference, sizeBytesMax)).map();
          });
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} can't be read: {}", values, e.toString());
      return Optional.empty();
    }
  }
}
