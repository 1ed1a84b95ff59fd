package io.turboprop.store;

import io.turboprop.store.ListQuery.Position;
import java.util.List;
import java.util.Optional;

/**
 * Some consecutive rows of a list.
 *
 * @param last the place of the last row, from which the next page goes on; empty at the list's end
 */
public record Page<T>(List<T> rows, Optional<Position> last) {

  public Page {
    rows = List.copyOf(rows);
  }

  /** A list without rows. */
  public static <T> Page<T> empty() {
    return new Page<>(List.of(), Optional.empty());
  }
}
