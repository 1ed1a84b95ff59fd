package io.turboprop.console;

import io.turboprop.store.OverviewTables.ElementOverview;
import java.util.List;

/**
 * The phases of an array's elements as runs, so that a hundred thousand elements are a small
 * answer: {@code [first index, phase, retry, how many]} for neighbours alike. Elements that are
 * left out have not begun.
 */
final class ElementRuns {
  private ElementRuns() {}

  /**
   * @param elements by index
   */
  static JsonAnswer.Content of(List<ElementOverview> elements) {
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("runs");
      for (int from = 0; from < elements.size(); ) {
        var first = elements.get(from);
        var to = from + 1;
        while (to < elements.size() && follows(first, to - from, elements.get(to))) {
          to++;
        }
        json.writeNumber(first.index());
        json.writeNumber(first.phase());
        json.writeNumber(first.retry());
        json.writeNumber(to - from);
        from = to;
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private static boolean follows(ElementOverview first, int distance, ElementOverview next) {
    return next.index() == first.index() + distance
        && next.phase() == first.phase()
        && next.retry() == first.retry();
  }
}
