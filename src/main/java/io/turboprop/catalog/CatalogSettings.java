package io.turboprop.catalog;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The settings of the section {@code turboprop.catalog}.
 *
 * @param ageMax older outputs are not used; zero is no limit
 * @param inlineBytesMax larger outputs are kept in the blob store
 * @param reservation how long a reservation lasts without an extension
 * @param sweepInterval the pause between two deletions of what is too old
 */
public record CatalogSettings(
    Duration ageMax, int inlineBytesMax, Duration reservation, Duration sweepInterval) {

  /** Reads the section {@code turboprop.catalog}. */
  public static CatalogSettings from(Config catalog) {
    return new CatalogSettings(
        catalog.getDuration("max-age"),
        Math.toIntExact(catalog.getBytes("inline-max")),
        catalog.getDuration("reservation"),
        catalog.getDuration("sweep-interval"));
  }
}
