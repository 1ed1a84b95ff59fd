package io.turboprop.resource;

import io.turboprop.resource.MalformedResourceException.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects the problems of a resource: each once, in the order of discovery. */
final class Problems {
  private final Set<Problem> found = new LinkedHashSet<>();

  void add(String place, String reason) {
    found.add(new Problem(place, reason));
  }

  void throwIfAny() throws MalformedResourceException {
    if (!found.isEmpty()) {
      throw new MalformedResourceException(List.copyOf(found));
    }
  }
}
