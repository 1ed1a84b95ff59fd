package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Compiled workflows by digest; what is there never changes. */
public final class PlanTables {
  private final Database database;

  public PlanTables(Database database) {
    this.database = database;
  }

  /** The closure with this digest; empty when it was never stored. */
  public Optional<ByteString> find(String digest) {
    return database
        .sql()
        .fetchOptional("select closure from plan where digest = ?", digest)
        .map(row -> ByteString.copyFrom(row.get(0, byte[].class)));
  }
}
