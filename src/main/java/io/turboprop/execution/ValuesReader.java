package io.turboprop.execution;

import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.Values;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads stored inputs and outputs, inline or from the blob store. */
public final class ValuesReader {
  private static final Logger LOG = LoggerFactory.getLogger(ValuesReader.class);

  private final BlobStorage storage;

  public ValuesReader(BlobStorage storage) {
    this.storage = storage;
  }

  /** The values; unreadable values are shown as empty, as in FlyteAdmin. */
  public LiteralMap read(@Nullable Values values) {
    return find(values).orElseGet(LiteralMap::getDefaultInstance);
  }

  /**
   * The values; empty when they can't be read. Null, which stands for no values, gives an empty
   * map.
   */
  public Optional<LiteralMap> find(@Nullable Values values) {
    if (values == null) {
      return Optional.of(LiteralMap.getDefaultInstance());
    }
    try {
      return Optional.of(storage.read(values).map());
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} can't be read: {}", values, e.toString());
      return Optional.empty();
    }
  }
}
