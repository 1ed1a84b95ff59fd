package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Compiled workflows by digest; what is there never changes. */
public final class PlanTables {
  private final Database database;

  public PlanTables(Database database) {
    this.database = database;
  }

  /**
   * Stores a plan unless it is there.
   *
   * @param digest SHA-256 of the closure, in hex
   * @param closure a serialized compiled workflow closure; opaque here
   */
  public void putIfAbsent(String digest, ByteString closure) {
    database
        .sql()
        .execute(
            "insert into plan (digest, closure) values (?, ?) on conflict do nothing",
            digest,
            closure.toByteArray());
  }

  /** The closure with this digest; empty when it was never stored. */
  public Optional<ByteString> find(String digest) {
    return database
        .sql()
        .fetchOptional("select closure from plan where digest = ?", digest)
        .map(row -> ByteString.copyFrom(row.get(0, byte[].class)));
  }
}
