package io.turboprop.execution;

import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.Values;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads stored inputs and outputs, wherever they are kept. */
public final class ValuesReader {
  private static final Logger LOG = LoggerFactory.getLogger(ValuesReader.class);

  private final BlobStorage storage;

  public ValuesReader(BlobStorage storage) {
    this.storage = storage;
  }

  /** The values; what can't be read is shown as empty, as FlyteAdmin does (admin §6.1). */
  public LiteralMap read(@Nullable Values values) {
    return find(values).orElseGet(LiteralMap::getDefaultInstance);
  }

  /**
   * The values; empty when they can't be read. Null, which stands for no values, is a map of none.
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
