package io.turboprop.catalog;

import io.turboprop.setting.Section;
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
  public static CatalogSettings from(Section catalog) {
    return new CatalogSettings(
        catalog.time("max-age"),
        catalog.bytes("inline-max"),
        catalog.pause("reservation"),
        catalog.pause("sweep-interval"));
  }
}
